"""What a browser keeps of a person: encrypted, theirs alone, and gone when they leave, but for what waits to be sent."""

import json

import pytest

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "The file says that the plan was late."

VAULT = "const vault = await (await import('/static/js/case/vault.js')).openVault();"

# Every record of every database of this browser, as it lies there.
RAW = """async () => {
    const found = {};
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => resolve(request.result);
        });
        for (const store of database.objectStoreNames) {
            found[`${name}/${store}`] = await new Promise((resolve) => {
                const request = database.transaction(store).objectStore(store).getAll();
                request.onsuccess = () => resolve(request.result);
            });
        }
        database.close();
    }
    const readable = (name, value) => value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value)
        : ArrayBuffer.isView(value) ? Array.from(value)
        : value instanceof CryptoKey ? { key: value.type, extractable: value.extractable, usages: value.usages } : value;
    return JSON.parse(JSON.stringify(found, readable));
}"""


def run(page, script, argument=None):
    return page.evaluate(f"async (argument) => {{ {VAULT} {script} }}", argument)


def raw(page):
    return page.evaluate(RAW)


@pytest.fixture
def home(page, sign_in, lead):
    sign_in(page, lead)
    page.goto("/inspections/")
    return page


def test_records_stand_in_the_order_they_were_put_and_are_read_back(home):
    put = """
        const texts = ["x".repeat(200000), "two", "three"];
        await Promise.all(texts.map((text, place) => vault.put("commands", `c${place}`, { text })));
        await vault.put("commands", "c1", { text: "two again" });
        return [await vault.all("commands"), await vault.count("commands"), await vault.get("commands", "none")];
    """
    records, count, none = run(home, put)
    assert [record["id"] for record in records] == ["c0", "c1", "c2"]
    assert records[1]["value"] == {"text": "two again"}
    assert (count, none) == (3, None)
    run(home, "await vault.delete('commands', 'c0'); await vault.delete('commands', 'never there');")
    assert run(home, "return (await vault.all('commands')).map(({ id }) => id);") == ["c1", "c2"]


def test_it_holds_ciphertext_under_a_key_that_cannot_be_read_out(home, lead):
    run(home, "for (const id of ['a', 'b']) await vault.put('commands', id, { text: argument });", SECRET)
    stores = raw(home)
    assert SECRET not in json.dumps(stores)
    first, second = stores[f"evenhand-{lead.public_id}/commands"]
    assert set(first) == {"id", "order", "at", "iv", "data"}
    assert first["iv"] != second["iv"]
    [key] = stores[f"evenhand-{lead.public_id}/keys"]
    assert key["key"] == {"key": "secret", "extractable": False, "usages": ["encrypt", "decrypt"]}


def test_a_record_moved_to_another_place_does_not_open(home, lead):
    run(home, "await vault.put('commands', 'a', { text: argument });", SECRET)
    home.evaluate(
        """async (name) => {
            const database = await new Promise((resolve) => {
                const request = indexedDB.open(name);
                request.onsuccess = () => resolve(request.result);
            });
            const store = database.transaction("commands", "readwrite").objectStore("commands");
            await new Promise((resolve) => {
                store.getAll().onsuccess = ({ target }) => {
                    store.put({ ...target.result[0], id: "b" }).onsuccess = resolve;
                };
            });
            database.close();
        }""",
        f"evenhand-{lead.public_id}",
    )
    assert run(home, "return [await vault.all('commands'), await vault.count('commands')];") == [[], 1]


def test_who_leaves_leaves_nothing_but_waiting_answers_as_ciphertext(home, lead):
    put = """
        for (const store of ["commands", "known", "pages"]) await vault.put(store, "a", { text: argument });
        await (await import('/static/js/case/vault.js')).forget();
        await vault.put("pages", "late", { text: argument });
        return [await vault.all("commands"), await vault.count("commands")];
    """
    assert run(home, put, SECRET) == [[], 1]
    stores = raw(home)
    name = f"evenhand-{lead.public_id}"
    assert [len(stores[f"{name}/{store}"]) for store in ("commands", "known", "pages", "keys")] == [1, 0, 0, 0]
    assert SECRET not in json.dumps(stores)
    home.reload()
    assert run(home, "return (await vault.get('commands', 'a')).text;") == SECRET


def test_who_signs_in_next_sees_nothing_and_the_owner_finds_it_again(home, sign_in, lead, inspector):
    run(home, "for (const store of ['commands', 'pages']) await vault.put(store, 'a', { text: argument });", SECRET)
    sign_in(home, inspector)
    home.goto("/inspections/")
    assert run(home, "return await vault.all('commands');") == []
    stores = raw(home)
    assert stores[f"evenhand-{lead.public_id}/keys"] == []
    assert stores[f"evenhand-{lead.public_id}/pages"] == []
    sign_in(home, lead)
    home.goto("/inspections/")
    assert run(home, "return (await vault.get('commands', 'a')).text;") == SECRET
    assert raw(home)[f"evenhand-{inspector.public_id}/keys"] == []


def test_without_the_key_at_first_there_is_no_vault_and_later_there_is(page, sign_in, lead, watch):
    watch.allow("503")
    sign_in(page, lead)
    page.route("**/my/device-key/", lambda route: route.fulfill(status=503, body=""))
    page.goto("/inspections/")
    assert run(page, "return vault;") is None
    page.unroute("**/my/device-key/")
    assert run(page, "return vault.person;") == str(lead.public_id)


def test_opening_needs_no_server_once_the_key_is_kept(home):
    run(home, "await vault.put('commands', 'a', { text: argument });", SECRET)
    asked = []
    home.on("request", lambda request: asked.append(request.url))
    home.reload()
    assert run(home, "return (await vault.get('commands', 'a')).text;") == SECRET
    assert not [url for url in asked if "device-key" in url]
