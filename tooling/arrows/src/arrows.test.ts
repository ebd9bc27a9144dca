// arrows.json, lowest package first, against what each package declares and what its sources import.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packages, type Manifest, type SourceFile } from './workspace.js';

const arrows = JSON.parse(readFileSync(new URL('../arrows.json', import.meta.url), 'utf8')) as Record<string, string[]>;
const manifests = new Map(packages.map(({ manifest }) => [manifest.name, manifest]));

it('names each package and app, and no other', () => {
  expect(Object.keys(arrows).toSorted()).toEqual([...manifests.keys()].toSorted());
});

it('points only to packages above', () => {
  const rows = Object.keys(arrows);
  for (const [name, allowed] of Object.entries(arrows)) {
    expect(rows.slice(0, rows.indexOf(name)), name).toEqual(expect.arrayContaining(allowed));
  }
});

describe.each(packages.map((each) => [each.manifest.name, each] as const))('%s', (name, { manifest, files }) => {
  it('declares the arrows that it has', () => {
    expect(Object.keys(shippedDependencies(manifest)).filter(isOurs).toSorted()).toEqual(arrows[name]?.toSorted());
  });

  it('ships only what may be imported', () => {
    const allowed = new Set([...(arrows[name] ?? []), name]);
    expect(
      offences(files, (file, request) => file.shipped && isOurs(request) && !allowed.has(packageOf(request))),
    ).toEqual([]);
  });

  it('ships no import that it does not declare', () => {
    const declared = new Set([...Object.keys(shippedDependencies(manifest)), name]);
    expect(
      offences(files, (file, request) => file.shipped && isPackage(request) && !declared.has(packageOf(request))),
    ).toEqual([]);
  });

  it("reaches into no other package's files", () => {
    expect(offences(files, (file, request) => leavesPackage(file, request) || !isExported(request))).toEqual([]);
  });

  it('imports no index of its own', () => {
    const index = /^\.{1,2}\/(.*\/)?index\.js$/;
    expect(offences(files, (file, request) => file.shipped && index.test(request))).toEqual([]);
  });
});

function offences(files: SourceFile[], isWrong: (file: SourceFile, request: string) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((request) => isWrong(file, request)).map((request) => `${file.path} imports ${request}`),
  );
}

function shippedDependencies(manifest: Manifest): Record<string, string> {
  return { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
}

const isOurs = (request: string) => request === 'lowrank' || /^(@lowrank|lowrank)\//.test(request);

const isPackage = (request: string) => !/^(\.|node:)/.test(request);

function packageOf(request: string): string {
  return request.split('/', request.startsWith('@') ? 2 : 1).join('/');
}

function leavesPackage(file: SourceFile, request: string): boolean {
  return request.startsWith('.') && posix.join(posix.dirname(file.inPackage), request).startsWith('../');
}

/** Whether a module of ours is one of its package's entries; what is not shipped has no rule. */
function isExported(request: string): boolean {
  const entries = manifests.get(packageOf(request))?.exports;
  if (!entries) return true;
  const subpath = `.${request.slice(packageOf(request).length)}`;
  return Object.keys(entries).some((entry) =>
    entry.endsWith('*') ? subpath.startsWith(entry.slice(0, -1)) : subpath === entry,
  );
}
