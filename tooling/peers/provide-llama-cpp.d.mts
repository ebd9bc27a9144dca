export const llamaCppFolder: string;
