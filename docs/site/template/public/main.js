export default {
  // Code blocks without a language are commands and messages: highlighting would guess a language.
  configureHljs: (hljs) => hljs.configure({ languages: [] }),
};
