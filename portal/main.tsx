import { render } from 'preact';
import { createClient } from '../clients/typescript/client.js';
import { App } from './app.js';

const mount = document.getElementById('app');
if (mount === null) throw new Error('index.html has no #app');
render(<App client={createClient({ url: new URL('/graphql', window.location.href).href })} />, mount);
