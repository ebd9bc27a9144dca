export { parameterEfficiency, type ParameterEfficiency } from './parameter-efficiency.js';
export { planCost, type ModuleCost, type PlanCost } from './plan-cost.js';
