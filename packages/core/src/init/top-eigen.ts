import { LowrankError } from '../errors/lowrank-error.js';
import { dot, randomBeside, withoutShares } from './orthonormal.js';
import { tridiagonalEigen } from './tridiagonal.js';

/** A symmetric matrix `[size, size]` without negative eigenvalues, by what it does to a vector. */
export interface Operator {
  size: number;
  apply(vector: Float64Array): Float64Array;
}

export interface Eigenpair {
  value: number;
  /** Of length 1. */
  vector: Float64Array;
}

/** The largest residual of a pair that counts as found, as a share of the largest eigenvalue. */
const tolerance = 1e-10;

/**
 * The `count` largest eigenvalues with their vectors, largest first, by Lanczos' method with full reorthogonalisation:
 * some ten `apply` a pair where the spectrum is that of a trained weight. One run sees one vector of each eigenspace,
 * so runs beside what is found follow until one finds nothing larger than the last of the `count`.
 *
 * Own code and no library: an exact decomposition of a whole `[n, n]` is O(n³), minutes in JavaScript at n = 2048, and
 * a small one is all that is left to do here.
 *
 * @throws `not-finite` where `apply` gives a value that is not
 * @see Golub & Van Loan, Matrix Computations, section 10.1; Parlett, The Symmetric Eigenvalue Problem, chapter 13
 */
export function topEigen(operator: Operator, count: number): Eigenpair[] {
  const found: Eigenpair[] = [];
  const wanted = Math.min(count, operator.size);
  while (found.length < operator.size) {
    const least = found[wanted - 1]?.value;
    const fresh = run(operator, found, { wanted: Math.max(wanted - found.length, 1), least });
    found.push(...fresh);
    found.sort((left, right) => right.value - left.value);
    if (least !== undefined && !fresh.some(({ value }) => value > least * (1 + 1e-12))) break;
  }
  return found.slice(0, wanted);
}

interface Aim {
  wanted: number;
  /** Eigenvalues up to this one need not be found. */
  least: number | undefined;
}

function run(operator: Operator, found: Eigenpair[], { wanted, least = -Infinity }: Aim): Eigenpair[] {
  const locked = found.map(({ vector }) => vector);
  const basis: Float64Array[] = [];
  const [diagonal, beside]: [number[], number[]] = [[], []];
  let next = randomBeside(locked, operator.size, locked.length);
  let check = wanted;
  for (;;) {
    basis.push(next);
    const image = operator.apply(next);
    diagonal.push(dot(image, next));
    const length = withoutShares(image, [...locked, ...basis]);
    if (!Number.isFinite(length)) throw notFinite();
    const scale = Math.max(found[0]?.value ?? 0, ...diagonal);
    const exhausted = locked.length + basis.length === operator.size || length <= 1e-13 * scale;
    if (exhausted || basis.length >= check) {
      check = Math.ceil(basis.length * 1.1) + 4;
      const pairs = ritz(diagonal, beside, exhausted ? 0 : length);
      const top = pairs.slice(0, wanted);
      const largest = Math.max(scale, top[0]!.value);
      const nothing = top[0]!.value <= least && top[0]!.residual <= 1e-4 * largest;
      if (nothing) return [];
      if (exhausted || (top.length === wanted && top.every(({ residual }) => residual <= tolerance * largest))) {
        return lifted(top, { basis, diagonal, beside });
      }
    }
    beside.push(length);
    next = image.map((value) => value / length);
  }
}

function notFinite(): LowrankError {
  return new LowrankError('not-finite', {
    given: 'a matrix to decompose, of a weight or of what goes into a module',
    rule: 'its values must be finite numbers',
    fix: 'look at the model: some weight there is not finite, or makes what follows it so',
  });
}

/** The eigenvalues of the projection, largest first, and how far each is from one of the operator. */
function ritz(diagonal: number[], beside: number[], length: number) {
  const values = Float64Array.from(diagonal);
  const last = new Float64Array(values.length);
  last[values.length - 1] = 1;
  tridiagonalEigen(values, Float64Array.from(beside), [last]);
  const pairs = Array.from(values, (value, at) => ({ value, at, residual: length * Math.abs(last[at]!) }));
  return pairs.sort((left, right) => right.value - left.value);
}

interface Projection {
  basis: Float64Array[];
  diagonal: number[];
  beside: number[];
}

/** Eigenvectors of the projection as vectors of the operator. */
function lifted(top: { value: number; at: number }[], { basis, diagonal, beside }: Projection): Eigenpair[] {
  const rows = basis.map((_, at) => Float64Array.from(basis, (_unit, index) => (index === at ? 1 : 0)));
  tridiagonalEigen(Float64Array.from(diagonal), Float64Array.from(beside), rows);
  return top.map(({ value, at }) => {
    const vector = new Float64Array(basis[0]!.length);
    basis.forEach((unit, step) => {
      const share = rows[step]![at]!;
      for (let index = 0; index < vector.length; index++) vector[index]! += share * unit[index]!;
    });
    return { value, vector };
  });
}
