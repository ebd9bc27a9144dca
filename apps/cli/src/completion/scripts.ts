import type { Command } from 'commander';
import { knownCommands, type KnownCommand, type KnownOption } from './known-commands.js';

// Scripts that know the whole command table: no process is started for a key press, and where the table has nothing
// to offer, names of files are.

/** For bash, with or without the package bash-completion. */
export function bash(root: Command): string {
  const commands = knownCommands(root);
  const values = commands.flatMap(({ name, options, choices }) => [
    ...options
      .filter((option) => option.takesValue)
      .map(
        (option) =>
          `    ${option.flags.map((flag) => quoted(`${name} ${flag}`)).join('|')}) ${words(option.choices)};;`,
      ),
    ...(choices.length > 0 ? [`    ${quoted(`${name} ${name}`)}) ${words(choices)};;`] : []),
  ]);
  return `# bash completion for lowrank
_lowrank() {
  local words= command=\${COMP_WORDS[1]} cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  if (( COMP_CWORD == 1 )); then command=; fi
  case "$command $prev" in
${values.join('\n')}
    *) if [[ $cur == -* || -z $command ]]; then case $command in
      '') ${words(commands.map(({ name }) => name))};;
${commands.map(({ name, options }) => `      ${name}) ${words(options.flatMap(({ flags }) => flags.slice(-1)))};;`).join('\n')}
    esac; fi;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _lowrank lowrank
`;
}

const words = (list: string[]) => `words=${quoted(list.join(' '))}`;

/** For zsh, from a folder of \fpath or by \`source\`. */
export function zsh(root: Command): string {
  const commands = knownCommands(root);
  const plain = (text: string) => text.replace(/[\\[\]:]/g, '\\$&');
  const value = ({ takesValue, choices }: KnownOption) =>
    takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : '';
  const specs = ({ options, choices }: KnownCommand) => [
    ...options.flatMap((option) => option.flags.map((flag) => `*${flag}[${plain(option.about)}]${value(option)}`)),
    choices.length > 0 ? `*:value:(${choices.join(' ')})` : '*:file:_files',
  ];
  return `#compdef lowrank
_lowrank() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map(({ name, about }) => `      ${quoted(`${name}:${plain(about)}`)}`).join('\n')}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((command) => `    ${command.name}) _arguments ${specs(command).map(quoted).join(' ')};;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _lowrank ]]; then _lowrank "$@"; else compdef _lowrank lowrank; fi
`;
}

/** For fish. */
export function fish(root: Command): string {
  const lines = knownCommands(root).flatMap(({ name, about, options, choices }) => {
    const inside = `complete -c lowrank -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c lowrank -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
      ...(choices.length > 0 ? [`${inside} -f -a ${quoted(choices.join(' '))}`] : []),
      ...options.map((option) => {
        const names = option.flags.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        );
        const value = option.choices.length > 0 ? ` -x -a ${quoted(option.choices.join(' '))}` : ' -r';
        return `${inside} ${names.join(' ')}${option.takesValue ? value : ''} -d ${quoted(option.about)}`;
      }),
    ];
  });
  return `# fish completion for lowrank\n${lines.join('\n')}\n`;
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
