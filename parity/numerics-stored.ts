/** What `numericsHashes` gave when `numerics` was last raised; written by `npm run numerics -- --raise`. */
export const stored: { readonly numerics: number; readonly hashes: Readonly<Record<string, string>> } = {
  numerics: 2,
  hashes: {
    functions: 'adfdbf3f7a4ecdcb',
    'functions of positive numbers': '085cf95d54635fc4',
    arithmetic: '3a4513a39b57f2c1',
    sums: '3ee4ccd7a5ea4d50',
    normalisation: '4239b026f33cff49',
    products: '7d0066a1cafecd13',
    'losses of rows': '88b97004fe33cf13',
    draws: '3d84f36706591a96',
    'mlp-tanh': 'c10106e1337009d6',
  },
};
