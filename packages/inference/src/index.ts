/** Averaged likelihoods, the convex problem behind them, penalties, optimisers and fits. */
export {};
