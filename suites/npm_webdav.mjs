// The npm client `webdav` at work: npm_webdav.mjs COLLECTION FOLDER [USER PASSWORD].
// FOLDER is what the disk has of COLLECTION.
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { createClient, parseXML } from 'webdav';

const [collection, folder, username, password] = process.argv.slice(2);
const login = username ? { username, password } : {};
const client = createClient(collection, login);
// The same client in another person's hands: it knows none of the locks.
const other = createClient(collection, login);

let passed = 0;
let total = 0;

async function check(name, run) {
  total += 1;
  try {
    const result = await run();
    if (result !== true) throw new Error(`wrong result ${JSON.stringify(result)}`);
    passed += 1;
  } catch (error) {
    console.log(`FAIL ${name}: ${error}`.slice(0, 170));
  }
}

const disk = (path) => readFileSync(`${folder}/${path}`);
const same = (left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)) === 0;
const is = (got, wanted) => JSON.stringify(got) === JSON.stringify(wanted) || got;
const names = async (path, options) =>
  (await client.getDirectoryContents(path, options)).map((item) => item.filename).sort();

// The status that a call is refused with.
async function refused(call) {
  try {
    await call();
    return 'no refusal';
  } catch (error) {
    return error.status;
  }
}

async function piped(from, to) {
  const done = new Promise((resolve, reject) => {
    to.on('error', reject);
    from.on('error', reject);
  });
  await Promise.race([done, new Promise((resolve) => from.pipe(to).on('finish', resolve))]);
}

async function collected(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function until(holds) {
  for (let turn = 0; turn < 100 && !holds(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return holds();
}

const big = randomBytes(1_500_000);
const odd = '/made/ü #%?&.txt';

async function writing() {
  await check('mkcol', async () => {
    await client.createDirectory('/made');
    return existsSync(`${folder}/made`);
  });
  await check('mkcol-again', async () =>
    is(await refused(() => client.createDirectory('/made')), 405));
  await check('mkcol-recursive', async () => {
    await client.createDirectory('/made/a/b/c', { recursive: true });
    return existsSync(`${folder}/made/a/b/c`);
  });
  await check('put', async () => await client.putFileContents('/made/big.bin', big));
  await check('put-on-the-disk', async () => same(disk('made/big.bin'), big));
  await check('put-text', async () =>
    (await client.putFileContents('/made/text.txt', 'the words')) &&
      same(disk('made/text.txt'), 'the words'));
  await check('put-no-overwrite', async () => {
    const written = await client.putFileContents('/made/text.txt', 'x', { overwrite: false });
    return is([written, String(disk('made/text.txt'))], [false, 'the words']);
  });
  await check('put-odd-name', async () =>
    (await client.putFileContents(odd, 'odd')) && same(disk(odd), 'odd'));
  await check('put-dot-folder', async () => {
    await client.createDirectory('/.app');
    await client.putFileContents('/.app/.state.json', '{"n":1}');
    return same(disk('.app/.state.json'), '{"n":1}');
  });
  await check('write-stream', async () => {
    const stream = client.createWriteStream('/made/streamed.bin');
    stream.end(big);
    const file = 'made/streamed.bin';
    return until(() => existsSync(`${folder}/${file}`) && same(disk(file), big));
  });
}

async function reading() {
  await check('exists', async () =>
    is([await client.exists('/made/big.bin'), await client.exists('/none')], [true, false]));
  await check('stat', async () => {
    const { type, size, basename, etag, lastmod } = await client.stat('/made/big.bin');
    return is(
      [type, size, basename, typeof etag, Math.abs(Date.parse(lastmod) - Date.now()) < 60_000],
      ['file', big.length, 'big.bin', 'string', true],
    );
  });
  await check('stat-folder', async () => is((await client.stat('/made')).type, 'directory'));
  await check('list', async () =>
    is(await names('/'), ['/.app', '/made']));
  await check('list-dot-folder', async () => is(await names('/.app'), ['/.app/.state.json']));
  await check('list-deep', async () =>
    is(await names('/made', { deep: true }), [
      '/made/a', '/made/a/b', '/made/a/b/c',
      '/made/big.bin', '/made/streamed.bin', '/made/text.txt', odd,
    ]));
  await check('list-glob', async () =>
    is(await names('/made', { glob: '/made/*.bin' }), ['/made/big.bin', '/made/streamed.bin']));
  await check('get', async () => same(await client.getFileContents('/made/big.bin'), big));
  await check('get-text', async () =>
    is(await client.getFileContents('/made/text.txt', { format: 'text' }), 'the words'));
  await check('get-odd-name', async () =>
    is(await client.getFileContents(odd, { format: 'text' }), 'odd'));
  await check('read-stream-range', async () => {
    const range = { start: 1000, end: 600_999 };
    const stream = client.createReadStream('/made/big.bin', { range });
    return same(await collected(stream), big.subarray(1000, 601_000));
  });
  // `getQuota` asks for everything, and RFC 4331 section 3 keeps quotas out of that.
  await check('quota', async () => {
    const found = await client.customRequest('/', {
      method: 'PROPFIND',
      headers: { Depth: '0' },
      data: `<d:propfind xmlns:d="DAV:"><d:prop><d:quota-used-bytes/><d:quota-available-bytes/>
        </d:prop></d:propfind>`,
    });
    const { prop } = (await parseXML(await found.text())).multistatus.response[0].propstat;
    return ['used', 'available'].every((kind) => Number(prop[`quota-${kind}-bytes`]) > 0) || prop;
  });
}

async function updating() {
  await check('compliance', async () => {
    const { compliance } = await client.getDAVCompliance('/made/big.bin');
    const wanted = ['1', '2', 'sabredav-partialupdate'];
    return wanted.every((token) => compliance.includes(token)) || compliance;
  });
  const patch = Buffer.from('in the middle');
  await check('partial-update', async () => {
    const start = 700_000;
    await client.partialUpdateFileContents('/made/big.bin', start, start + patch.length - 1, patch);
    patch.copy(big, start);
    return same(disk('made/big.bin'), big);
  });
  await check('copy', async () => {
    await client.copyFile('/made/big.bin', '/made/copy.bin');
    return same(disk('made/copy.bin'), big);
  });
  await check('copy-folder', async () => {
    await client.copyFile('/made', '/copied');
    return same(disk('copied/a/../big.bin'), big);
  });
  await check('move', async () => {
    await client.moveFile('/made/copy.bin', odd.replace('.txt', '.bin'));
    return !existsSync(`${folder}/made/copy.bin`) && same(disk(odd.replace('.txt', '.bin')), big);
  });
  await check('move-no-overwrite', async () => {
    const status = await refused(() =>
      client.moveFile('/made/text.txt', '/made/big.bin', { overwrite: false }));
    return is([status, same(disk('made/big.bin'), big)], [412, true]);
  });
  await check('save-by-rename', async () => {
    await client.putFileContents('/made/.text.txt.tmp', 'new words');
    await client.moveFile('/made/.text.txt.tmp', '/made/text.txt');
    const left = existsSync(`${folder}/made/.text.txt.tmp`);
    return is([String(disk('made/text.txt')), left], ['new words', false]);
  });
  await check('proppatch', async () => {
    const data = `<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x"><d:set><d:prop>
      <x:colour>red</x:colour></d:prop></d:set></d:propertyupdate>`;
    const response = await client.customRequest('/made/text.txt', { method: 'PROPPATCH', data });
    const found = await client.customRequest('/made/text.txt', {
      method: 'PROPFIND',
      headers: { Depth: '0' },
      data: '<d:propfind xmlns:d="DAV:" xmlns:x="urn:x"><d:prop><x:colour/></d:prop></d:propfind>',
    });
    const text = await found.text();
    return (response.status === 207 && /colour[^>]*>red</.test(text)) || text;
  });
}

async function locking() {
  let lock;
  const path = '/made/text.txt';
  await check('lock', async () => {
    lock = await client.lock(path);
    return /^(urn:uuid|opaquelocktoken):/.test(lock.token) || lock;
  });
  await check('locked-for-others', async () => {
    const status = await refused(() => other.putFileContents(path, 'not theirs'));
    return is([status, String(disk(path))], [423, 'new words']);
  });
  await check('put-with-the-token', async () =>
    (await client.putFileContents(path, 'mine', { headers: { If: `(<${lock.token}>)` } })) &&
      same(disk(path), 'mine'));
  // `lock` would send a body along, which asks for a new lock (RFC 4918 section 9.10.2).
  await check('lock-refresh', async () => {
    const response = await client.customRequest(path, {
      method: 'LOCK',
      headers: { If: `(<${lock.token}>)`, Timeout: 'Second-600' },
    });
    const text = await response.text();
    const told = text.includes(lock.token) && text.includes('Second-600');
    return (response.status === 200 && told) || text;
  });
  await check('unlock', async () => {
    await client.unlock(path, lock.token);
    return (await other.putFileContents(path, 'theirs')) && same(disk(path), 'theirs');
  });
}

async function removing() {
  await check('delete', async () => {
    await client.deleteFile('/made/text.txt');
    return !existsSync(`${folder}/made/text.txt`);
  });
  await check('deleted-is-missing', async () =>
    is([
      await client.exists('/made/text.txt'),
      await refused(() => client.getFileContents('/made/text.txt')),
      await refused(() => client.stat('/made/text.txt')),
    ], [false, 404, 404]));
  await check('delete-folder', async () => {
    await client.deleteFile('/made');
    return !existsSync(`${folder}/made`) && existsSync(`${folder}/copied/a/b/c`);
  });
}

await writing();
await reading();
await updating();
await locking();
await removing();
console.log(`NPM_WEBDAV ${passed}/${total}`);
