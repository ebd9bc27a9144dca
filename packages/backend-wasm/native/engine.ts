// What the engine gives to src/native: nothing of it lies in memory, all of which is tfjs's.
export { finished, runAlone, runTogether, serve } from './team';
