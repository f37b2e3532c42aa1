/** The version of this package, also where there is no file to read it from; a test holds it to package.json. */

export const packageVersion = '0.1.0';
