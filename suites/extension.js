// An extension that a person installed uses a folder by fetch(), from its worker and from its page.
// `config.js` says where: `SERVERS`, a name and a URL each. One line a case goes to the console.
const CONTEXT = globalThis.document ? 'page' : 'worker';

async function line(name, ask) {
  let result;
  try {
    result = await ask();
  } catch (error) {
    result = String(error);
  }
  console.log(`case ${CONTEXT}-${name}: ${result}.`);
}

const PROPERTIES = '<propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>';
const CHANGE = `<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:x">red</colour></prop>
  </set></propertyupdate>`;
const LOCK = `<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>
  <locktype><write/></locktype></lockinfo>`;

async function use(server, base) {
  const folder = `${base}${CONTEXT}/`;
  const file = `${folder}bookmarks.html`;
  const status = async (url, method, headers = {}, body = undefined) =>
    (await fetch(url, { method, headers, body })).status;
  const text = async (url, method = 'GET', headers = {}, body = undefined) => {
    const answer = await fetch(url, { method, headers, body });
    return `${answer.status} ${await answer.text()}`;
  };
  const step = (name, ask) => line(`${server}-${name}`, ask);
  let token = 'none';

  await step('options', () => status(base, 'OPTIONS'));
  await step('missing', () => status(file, 'GET'));
  await step('mkcol', () => status(folder, 'MKCOL'));
  await step('put', () => status(file, 'PUT', { 'If-None-Match': '*' }, `${CONTEXT} at ${server}`));
  await step('put-once', () => status(file, 'PUT', { 'If-None-Match': '*' }, 'again'));
  await step('get', () => text(file));
  await step('propfind', async () => {
    const found = await text(folder, 'PROPFIND', { Depth: '1' }, PROPERTIES);
    return `${found.slice(0, 3)} ${found.includes('bookmarks.html')}`;
  });
  await step('proppatch', () => status(file, 'PROPPATCH', {}, CHANGE));
  await step('lock', async () => {
    const headers = { Timeout: 'Second-60' };
    const answer = await fetch(file, { method: 'LOCK', headers, body: LOCK });
    token = answer.headers.get('Lock-Token');
    return `${answer.status} ${token?.slice(0, 5)}`;
  });
  await step('locked', () => status(file, 'DELETE'));
  await step('unlock', () => status(file, 'UNLOCK', { 'Lock-Token': token }));
  await step('move', () => status(file, 'MOVE', { Destination: `${folder}.kept.html` }));
  await step('delete', async () => {
    await fetch(`${folder}brief.txt`, { method: 'PUT', body: new Blob(['x']) });
    return status(`${folder}brief.txt`, 'DELETE');
  });
  const anything = { Accept: 'application/json, */*' };
  await step('deleted', () => status(`${folder}brief.txt`, 'GET', anything));
}

async function useAll() {
  for (const [server, base] of Object.entries(SERVERS)) {
    await use(server, base);
  }
  if (CONTEXT === 'worker') {
    await chrome.tabs.create({ url: 'page.html' });
  } else {
    console.log('case done.');
  }
}

useAll();
