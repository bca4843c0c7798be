// Prints what @hiraokahypertools/pst-extractor reads in a file as the neutral view of `cargo xtask readers`:
// node pst_extractor_view.mjs PACKAGE-DIR FILE. The fields are described in xtask/src/readers/view.rs.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packageDir, file] = process.argv.slice(2);
const { openPstFile } = await import(pathToFileURL(join(packageDir, "dist/index.js")).href);
const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8"));

const STRING8 = 0x1e, MESSAGE_CODEPAGE = 0x3ffd;
const CLASS = 0x001a, SUBJECT = 0x0037, BODY = 0x1000, HTML = 0x1013, METHOD = 0x3705, ATTACH_DATA = 0x3701;
const ATTACH_LONG_NAME = 0x3707, ATTACH_NAME = 0x3704, DISPLAY_NAME = 0x3001;
const BY_VALUE = 1, EMBEDDED = 5, OLE = 6;

const form = (name, data) => ({
    form: name,
    len: data.length,
    sha256: createHash("sha256").update(data).digest("hex"),
});

// The package leaves the code page of 8-bit text to its caller. It is told to read each byte as one character, and the
// characters are decoded here by what the message says.
const bytesAsCharacters = (data) => Buffer.from(data).toString("latin1");
const UPPER_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

function decode(data, codePage) {
    if (codePage === 1252) {
        const upper = (character) => UPPER_1252[character.charCodeAt(0) - 0x80];
        return data.toString("latin1").replace(/[\x80-\x9f]/g, upper);
    }
    const label = { 932: "shift_jis", 65001: "utf-8" }[codePage] ?? `windows-${codePage}`;
    return new TextDecoder(label).decode(data);
}

const hex = (nid) => "0x" + nid.toString(16);
const value = (object, tag) => object.getProperty(tag)?.value ?? null;

function string(object, tag, codePage) {
    const property = object.getProperty(tag);
    if (property === undefined || property.value === null || property.value === undefined) return null;
    return property.type === STRING8 ? decode(Buffer.from(property.value, "latin1"), codePage) : property.value;
}

function plain(message, codePage) {
    const found = string(message, BODY, codePage);
    return found === null ? null : Buffer.from(found, "utf8");
}

// HTML as stored: bytes, or 8-bit text whose characters are its bytes.
function html(message) {
    const property = message.getProperty(HTML);
    if (property === undefined || property.value === null || property.value === undefined) return null;
    if (property.value instanceof ArrayBuffer) return Buffer.from(property.value);
    return Buffer.from(property.value, property.type === STRING8 ? "latin1" : "utf8");
}

function text(data, ...others) {
    return data === null ? null : [form("as given", data), ...others];
}

function rtf(message) {
    const unpacked = message.bodyRTF;
    return unpacked === "" ? null : Buffer.from(unpacked, "latin1");
}

async function attempt(errors, what, job) {
    try {
        return await job();
    } catch (error) {
        errors.push(`${what}: ${error?.message ?? error}`);
        return undefined;
    }
}

async function attachmentView(attachment, codePage) {
    const errors = [];
    const method = value(attachment, METHOD) ?? 0;
    const names = [ATTACH_LONG_NAME, ATTACH_NAME, DISPLAY_NAME].map((tag) => string(attachment, tag, codePage));
    const name = names.find((name) => name) ?? null;
    // Its node id is that of the message it belongs to.
    const view = { method, name, errors };
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
    const codePage = value(message, MESSAGE_CODEPAGE) ?? 1252;
    const view = { nid: hex(message.primaryNodeId), errors, associated: false, class: string(message, CLASS, codePage) };
    // Without the two characters that tell the length of the prefix.
    view.subject = string(message, SUBJECT, codePage)?.replace(/^\x01./su, "") ?? null;
    view.plain = text(plain(message, codePage));
    view.html = text(html(message));
    // The reader has CR and LF of the preset dictionary the wrong way round. Beside line ends that are no reference, only the
    // number of both tells what is meant; a reference may also be to one of them.
    const unpacked = (await attempt(errors, "rtf", () => rtf(message))) ?? null;
    const pairs = (run) => (run.split("\r").length === run.split("\n").length ? "\r\n".repeat(run.length / 2) : run);
    const swapped = unpacked?.toString("latin1").replace(/[\r\n]+/g, pairs);
    const single = swapped?.replace(/\r(?!\n)/g, "\n");
    const forms = { "with LF CR as CR LF": swapped, "with CR alone as LF": single };
    const other = Object.entries(forms).map(([name, rtf]) => unpacked && form(name, Buffer.from(rtf, "latin1")));
    view.rtf = unpacked && text(unpacked, ...other);
    const recipients = (await attempt(errors, "recipients", () => message.getRecipients())) ?? [];
    view.recipients = recipients.map((recipient) => string(recipient, DISPLAY_NAME, codePage) ?? "");
    view.attachments = [];
    const count = (await attempt(errors, "attachments", () => message.getNumberOfAttachments())) ?? 0;
    const attachments = count === 0 ? [] : ((await attempt(errors, "attachments", () => message.getAttachments())) ?? []);
    for (const attachment of attachments) view.attachments.push(await attachmentView(attachment, codePage));
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
    const pst = await openPstFile(file, { convertAnsiStringImmediately: bytesAsCharacters });
    await walk(await pst.getRootFolder(), [], folders);
    await pst.close();
});
process.stdout.write(JSON.stringify({ reader: `pst-extractor ${version}`, folders, errors }));
