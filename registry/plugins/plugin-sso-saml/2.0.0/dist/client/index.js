export function SignInButton({ provider, t, React }) {
  const go = () => location.assign(`/api/saml:redirect?provider=${encodeURIComponent(provider.name)}`);
  return React.createElement('button', { type: 'button', onClick: go }, `${t('title')}: ${provider.title}`);
}

export default function register(app) {
  app.signIn.add('saml', SignInButton);
}
//# sourceMappingURL=index.js.map
