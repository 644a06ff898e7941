// Uses the explorer as a person would, in headless Chromium: node explorer_check.js CHROMIUM ADDRESS KIOSK FEED HOSTILE [FOLDER]
// KIOSK, FEED and HOSTILE are queues; screenshots go to FOLDER. The exit code is 1 if something is not as it should be.
const assert = require("node:assert/strict");
const { chromium } = require("playwright-core");

const [executablePath, address, kiosk, feed, hostile, folder] = process.argv.slice(2);
const origin = new URL(address).origin;

main().catch(error => {
    console.error(error);
    process.exit(1);
});

async function main() {
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    try {
        const context = await browser.newContext({ viewport: { width: 1500, height: 1000 }, permissions: ["clipboard-read", "clipboard-write"] });
        const page = await context.newPage();
        const seen = watch(page);
        await page.goto(address);
        for (const check of [listsServices, callsByForm, keepsFormAndJsonInStep, showsErrorsBesideFields, showsFaults, streamsAndCancels, showsFigures, copies, worksByKeyboard, namesEveryControl, isInertForHostileNames, fitsSmallScreens]) {
            await check(page).catch(async error => {
                console.error(`The page shows:\n${await page.locator("main").innerText()}\n${seen.problems.join("\n")}`);
                throw error;
            });
            console.log(`ok ${check.name}`);
        }

        assert.deepEqual(seen.problems, [], "no errors on the console");
        assert.deepEqual(seen.hosts.filter(host => host !== origin), [], "no requests to other hosts");
        await refusesWithoutToken(context);
        console.log("ok refusesWithoutToken");
    } finally {
        await browser.close();
    }
}

/** Notes what a page complains about, and where it sends requests. */
function watch(page) {
    const seen = { problems: [], hosts: [] };
    page.on("console", message => ["error", "warning"].includes(message.type()) && seen.problems.push(message.text()));
    page.on("pageerror", error => seen.problems.push(String(error)));
    page.on("request", request => !request.url().startsWith("blob:") && seen.hosts.push(new URL(request.url()).origin));
    return seen;
}

const field = (page, name) => page.locator(".field.simple", { has: page.locator(`.name:text-is("${name}")`) }).locator("input:not([type=checkbox]), textarea, select");

const shot = async (page, name) => folder && page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });

const open = async (page, queue, method) => {
    await page.goto(`${origin}/#/${encodeURIComponent(queue)}/${method}`);
    await page.getByRole("heading", { level: 1, name: new RegExp(`^${method}`) }).waitFor();
};

async function listsServices(page) {
    await page.getByRole("link", { name: new RegExp(kiosk) }).waitFor();
    await shot(page, "start");
    await page.getByRole("link", { name: new RegExp(kiosk) }).click();
    await page.getByRole("heading", { name: "Instances", exact: true }).waitFor();
    assert.equal(await page.getByRole("navigation").getByRole("link", { name: /Place/ }).count(), 1);
    assert.ok(!page.url().includes("token"), "the token leaves the address");
    await shot(page, "service");
}

async function callsByForm(page) {
    await open(page, kiosk, "Place");
    await field(page, "customer").fill("Ada");
    await page.getByRole("button", { name: "Add to lines" }).click();
    await field(page, "article").fill("nut");
    await field(page, "quantity").fill("3");
    await page.getByLabel("Send colour").check();
    await page.getByText("Metadata", { exact: true }).click();
    await page.locator("#metadata").fill("tenant: acme");
    await page.getByLabel("colour", { exact: true }).selectOption({ label: "Green" });
    await page.getByRole("button", { name: "Call" }).click();
    const result = await page.locator(".result pre").textContent();
    assert.match(result, /"number": 18446744073709551615,\s+"total": 79228162514264337593543950335,/, "all digits");
    assert.match(result, /"colour": 5/);
    assert.match(await page.locator(".state.answered").textContent(), /^Answered in [\d.]+ ms$/);
    await shot(page, "call");
}

async function keepsFormAndJsonInStep(page) {
    const json = page.locator("#json");
    assert.deepEqual(JSON.parse(await json.inputValue()).basket.lines, [{ article: "nut", quantity: 3 }]);
    await json.fill((await json.inputValue()).replace('"nut"', '"bolt"'));
    assert.equal(await field(page, "article").inputValue(), "bolt");
    await json.fill("{");
    assert.notEqual(await page.locator("#json-problem").textContent(), "");
    await page.getByRole("button", { name: "Call" }).click();
    assert.equal(await page.locator(".state.running").count(), 0, "what is no JSON is not sent");
    await json.fill('{"basket":{"customer":"Ada","lines":[{"article":"nut","quantity":3}],"picture":""}}');
    assert.equal(await page.locator("#json-problem").isVisible(), false);
}

async function showsErrorsBesideFields(page) {
    await field(page, "quantity").fill("300");
    await page.getByRole("button", { name: "Call" }).click();
    const quantity = page.locator(".field.simple", { has: page.locator('.name:text-is("quantity")') });
    assert.equal(await quantity.locator(".error").textContent(), "must be 1 to 100");
    assert.equal(await field(page, "quantity").getAttribute("aria-invalid"), "true");
    assert.equal(await field(page, "quantity").evaluate(element => element === document.activeElement), true, "the field has the focus");
    await shot(page, "invalid");
    await field(page, "quantity").fill("3");
    await page.getByLabel("Send contact").check();
    await field(page, "contact").fill("no address");
    await page.getByRole("button", { name: "Call" }).click();
    await page.locator(".state.failed").waitFor();
    const contact = page.locator(".field.simple", { has: page.locator('.name:text-is("contact")') });
    assert.match(await contact.locator(".error").textContent(), /not a valid/, "what only the server knows");
    await page.getByLabel("Send contact").uncheck();
}

async function showsFaults(page) {
    await field(page, "quantity").fill("60");
    await page.getByRole("button", { name: "Call" }).click();
    await page.locator(".failure p").first().waitFor();
    assert.match(await page.locator(".state.failed").textContent(), /^sold-out/);
    assert.match(await page.locator(".failure").first().textContent(), /Only 2 are left\./);
    assert.match(await page.locator(".failure pre").textContent(), /"left": 2/);
    await shot(page, "fault");
}

async function streamsAndCancels(page) {
    await open(page, feed, "Read");
    await field(page, "name").fill("x");
    await page.getByRole("button", { name: "Call" }).click();
    await page.locator(".items li").nth(2).waitFor(); // the stream has no end
    assert.match(await page.locator(".items li").first().textContent(), /"number": 0/);
    await shot(page, "stream");
    await page.keyboard.press("Escape");
    await page.getByText("Cancelled", { exact: true }).waitFor();
}

async function showsFigures(page) {
    await open(page, kiosk, "Place");
    await page.locator("#json").fill('{"basket":{"customer":"Ada","lines":[{"article":"nut","quantity":3}],"picture":""}}');
    const calls = page.locator(".tile", { hasText: "Calls" }).locator("dd");
    for (let i = 0; !/[1-9]/.test(await calls.textContent()); i++) {
        assert.ok(i < 600, "the rate moves");
        await page.keyboard.press("Control+Enter");
        await page.locator(".state.answered").waitFor();
    }

    assert.match(await page.locator(".tile", { hasText: "Places taken" }).locator("dd").textContent(), /^\d+ of \d+ in 1 instance$/);
    assert.match(await page.locator(".chart .calls").getAttribute("points"), /^\d+,/);
}

async function copies(page) {
    await page.getByRole("button", { name: "Copy as rpcgen" }).click();
    await page.getByText("Copied as rpcgen.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()),
        `rpcgen call '${kiosk}' 'Place' -d '{"basket":{"customer":"Ada","lines":[{"article":"nut","quantity":3}],"picture":""}}'`);
}

async function worksByKeyboard(page) {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "filter");
    await page.keyboard.type("find");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /^Find/ }).waitFor();
    await page.locator("#filter").fill("");
}

async function namesEveryControl(page) {
    for (const method of ["Place", "Old", "Pair", "Walk"]) {
        await open(page, kiosk, method);
        for (const button of await page.getByRole("button", { name: /^Add to/ }).all()) {
            await button.click();
        }

        const nameless = await page.evaluate(() => [...document.querySelectorAll("input, textarea, select, button")]
            .filter(control => !(control.labels?.length || control.getAttribute("aria-label") || control.textContent.trim()))
            .map(control => control.outerHTML));
        assert.deepEqual(nameless, [], method);
    }

    await page.getByLabel("Kind of first").selectOption({ label: "song" });
    await field(page, "minutes").last().fill("3.25");
    assert.match(await page.locator("#json").inputValue(), /"first": \{\s+"\$type": "song",[^}]*"minutes": 3\.25/);
    await shot(page, "nested");
}

async function isInertForHostileNames(page) {
    await page.goto(`${origin}/#/${encodeURIComponent(hostile)}`);
    await page.getByText("<img src=x onerror=hacked()>").first().waitFor();
    await page.getByRole("navigation").getByText("<img src=x onerror=hacked()>").click();
    await page.getByRole("heading", { level: 1, name: /<img src=x/ }).waitFor();
    assert.equal(await page.locator("img").count(), 1, "the icon alone");
    assert.equal(await page.evaluate(() => typeof window.polluted), "undefined");
    assert.equal(await page.evaluate(() => ({}).polluted), undefined);
}

async function fitsSmallScreens(page) {
    await page.emulateMedia({ colorScheme: "light" });
    await open(page, kiosk, "Place");
    const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), light);
    await shot(page, "dark");
    for (const width of [1100, 390]) {
        await page.setViewportSize({ width, height: 844 });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wider <= 0, `${wider} pixels wider than ${width}`);
        await shot(page, `width-${width}`);
    }
}

async function refusesWithoutToken(context) {
    const page = await context.newPage(); // the token stays in the tab that was opened with it
    await page.goto(`${origin}/`);
    await page.getByText("Open the one that rpcgen explore has written.").waitFor();
}
