declare module 'wgsl-preprocessor/wgsl-preprocessor.js' {
  /** Template tag: resolves `#if`, `#elif`, `#else` and `#endif` lines of WGSL. */
  export function wgsl(strings: TemplateStringsArray, ...values: unknown[]): string;
}
