import type { Heat } from '../messages.js';
import { heat } from '../state/lab.js';

/** Where in the model the adapter grows: a row a layer, a column a kind of module. */
export function HeatMap() {
  const modules = heat.value;
  if (modules.length === 0) return null;
  const top = Math.max(...modules.map(({ norm }) => norm), 1e-12);
  const columns = [...new Set(modules.map(({ path }) => kindOf(path)))];
  const layers = [...new Set(modules.map(({ path }) => layerOf(path)))];
  return (
    <details open>
      <summary>Where the adapter grows: the update’s norm, and its effective rank below</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Norm and effective rank by layer and module">
        <table>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              {columns.map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {layers.map((layer) => (
              <tr key={layer}>
                <th scope="row">{layer}</th>
                {columns.map((name) => (
                  <Cell
                    key={name}
                    heat={modules.find(({ path }) => layerOf(path) === layer && kindOf(path) === name)}
                    top={top}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Cell({ heat: module, top }: { heat: Heat | undefined; top: number }) {
  if (!module) return <td />;
  const { path, norm, effectiveRank } = module;
  return (
    <td class="heat" title={path} style={{ '--heat': `${Math.round((norm / top) * 45)}%` }}>
      {norm.toFixed(3)}
      <br />
      <small>rank {effectiveRank.toFixed(1)}</small>
    </td>
  );
}

const kindOf = (path: string) => path.slice(path.lastIndexOf('.') + 1);

/** The number in a module's path, or what lies before its name. */
const layerOf = (path: string) => /\.(\d+)\./.exec(path)?.[1] ?? path.slice(0, path.lastIndexOf('.'));
