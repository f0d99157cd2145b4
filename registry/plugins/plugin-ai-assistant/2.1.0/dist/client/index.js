import './style.css';

export async function ask(api, question, { collection, recordId }, onState) {
  onState('thinking');
  try {
    const { data } = await api.post('assistant:ask', { question, collection, recordId });
    return data;
  } finally {
    onState('idle');
  }
}

export default function register(app) {
  app.recordActions.add('assistant', { title: 'ask', icon: 'sparkle', run: ask });
}
//# sourceMappingURL=index.js.map
