// Prints what @hiraokahypertools/pst-extractor reads in a file as the neutral view of `cargo xtask readers`:
// node pst_extractor_view.mjs PACKAGE-DIR FILE. The fields are described in xtask/src/readers/view.rs.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packageDir, file] = process.argv.slice(2);
const { openPstFile } = await import(pathToFileURL(join(packageDir, "dist/index.js")).href);
const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8"));

const CLASS = 0x001a, BODY = 0x1000, HTML = 0x1013, METHOD = 0x3705, ATTACH_DATA = 0x3701;
const ATTACH_LONG_NAME = 0x3707, ATTACH_NAME = 0x3704, DISPLAY_NAME = 0x3001;
const BY_VALUE = 1, EMBEDDED = 5, OLE = 6;

const form = (name, data) => ({
    form: name,
    len: data.length,
    sha256: createHash("sha256").update(data).digest("hex"),
});

function bytes(value) {
    if (value === undefined || value === null) return null;
    return value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.from(String(value), "utf8");
}

const hex = (nid) => "0x" + nid.toString(16);
const value = (object, tag) => object.getProperty(tag)?.value ?? null;

function text(data) {
    return data === null ? null : [form("as given", data)];
}

// Decompressed RTF is bytes; the reader hands it out as text, so it is told to read each byte as one character meanwhile.
let bytesAsCharacters = false;
const latin1 = new TextDecoder("latin1");
const convert = (data) => (bytesAsCharacters ? Buffer.from(data).toString("latin1") : latin1.decode(data));

function rtf(message) {
    bytesAsCharacters = true;
    try {
        const decoded = message.bodyRTF;
        return decoded === "" ? null : Buffer.from(decoded, "latin1");
    } finally {
        bytesAsCharacters = false;
    }
}

async function attempt(errors, what, job) {
    try {
        return await job();
    } catch (error) {
        errors.push(`${what}: ${error?.message ?? error}`);
        return undefined;
    }
}

async function attachmentView(attachment) {
    const errors = [];
    const method = value(attachment, METHOD) ?? 0;
    const name = value(attachment, ATTACH_LONG_NAME) || value(attachment, ATTACH_NAME) || value(attachment, DISPLAY_NAME);
    const view = { nid: hex(attachment.primaryNodeId), method, name, errors };
    if (method === BY_VALUE || method === OLE) {
        const data = value(attachment, ATTACH_DATA);
        if (data instanceof ArrayBuffer) view.data = form("as given", Buffer.from(data));
    }
    if (method === EMBEDDED) {
        const embedded = await attempt(errors, "embedded message", () => attachment.getEmbeddedPSTMessage());
        if (embedded) view.embedded = await messageView(embedded);
    }
    return view;
}

async function messageView(message) {
    const errors = [];
    const view = { nid: hex(message.primaryNodeId), errors, associated: false, class: value(message, CLASS) };
    view.subject = await attempt(errors, "subject", () => message.subject);
    view.plain = text(bytes(value(message, BODY)));
    view.html = text(bytes(value(message, HTML)));
    view.rtf = text((await attempt(errors, "rtf", () => rtf(message))) ?? null);
    view.attachments = [];
    const count = (await attempt(errors, "attachments", () => message.getNumberOfAttachments())) ?? 0;
    const attachments = count === 0 ? [] : ((await attempt(errors, "attachments", () => message.getAttachments())) ?? []);
    for (const attachment of attachments) view.attachments.push(await attachmentView(attachment));
    return view;
}

async function walk(folder, names, folders) {
    const errors = [];
    const path = "/" + names.map((name) => name.replaceAll("/", "%2F")).join("/");
    const view = { nid: hex(folder.primaryNodeId), path, items: [], errors };
    folders.push(view);
    const count = (await attempt(errors, "items", () => folder.getEmailCount())) ?? 0;
    for (let index = 0; index < count; index += 1) {
        const message = await attempt(errors, `item ${index}`, () => folder.getEmail(index));
        if (message) view.items.push(await messageView(message));
    }
    const children = (await attempt(errors, "folders", () => folder.getSubFolders())) ?? [];
    for (const child of children) await walk(child, [...names, child.displayName], folders);
}

// The reader reports on the console too; only the view goes to the standard output.
console.log = console.error;
const folders = [], errors = [];
await attempt(errors, "file", async () => {
    const pst = await openPstFile(file, { convertAnsiStringImmediately: convert });
    await walk(await pst.getRootFolder(), [], folders);
    await pst.close();
});
process.stdout.write(JSON.stringify({ reader: `pst-extractor ${version}`, folders, errors }));
