/** What `numericsHashes` gave when `numerics` was last raised; written by `npm run numerics -- --raise`. */
export const stored: { readonly numerics: number; readonly hashes: Readonly<Record<string, string>> } = {
  numerics: 2,
  hashes: {
    functions: 'adfdbf3f7a4ecdcb',
    'functions of positive numbers': '085cf95d54635fc4',
    arithmetic: '3a4513a39b57f2c1',
    sums: 'f00ec96c983bd260',
    normalisation: '26060b5de8fc37ce',
    products: '22e8154872275c6c',
    draws: '3d84f36706591a96',
    'mlp-tanh': 'c10106e1337009d6',
  },
};
