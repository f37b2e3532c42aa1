/** What `numericsHashes` gave when `numerics` was last raised; written by `npm run numerics -- --raise`. */
export const stored: { readonly numerics: number; readonly hashes: Readonly<Record<string, string>> } = {
  numerics: 2,
  hashes: {
    functions: 'adfdbf3f7a4ecdcb',
    'functions of positive numbers': '085cf95d54635fc4',
    arithmetic: '3a4513a39b57f2c1',
    sums: '21642664d8de3d68',
    normalisation: '7e9a3c5d8bed8e8e',
    products: '57c336eab80ae81c',
    draws: '3d84f36706591a96',
    'mlp-tanh': '1134f0a05a2151ae',
  },
};
