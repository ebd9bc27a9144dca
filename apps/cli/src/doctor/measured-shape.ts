/** The layer that is measured: a short batch through a linear of BERT's size. */
export const measuredShape = { rows: 1024, in: 768, out: 768 };
