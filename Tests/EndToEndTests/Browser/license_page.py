"""Uses the license page in Debian's Chromium, and fails at the first thing that is not as it should.

usage: license_page.py SCENARIO PAGE PROFILE SCREENSHOTS [NAME=VALUE ...]
"""

import base64
import json
import os
import subprocess
import sys

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SCENARIO, PAGE, PROFILE, SCREENSHOTS = sys.argv[1:5]
VALUES = dict(argument.split("=", 1) for argument in sys.argv[5:])
BASE = PAGE.split("/?")[0] + "/"
PATIENCE = 240


def start():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--no-proxy-server", "--disable-background-networking",
        f"--user-data-dir={PROFILE}", "--window-size=1000,1200",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": BASE[:-1]})
    return browser


browser = start()


def find(selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def text():
    return find("body").text


def expect(condition, what):
    if not condition:
        raise SystemExit(f"not as it should be: {what}\n{browser.current_url}\n{text()}")


def leave(action):
    """Does what loads another page, and waits for that page."""
    before = find("html")
    action()

    def is_another(_):
        try:
            before.is_enabled()
            return False
        except Exception:
            return browser.execute_script("return document.readyState") == "complete"

    WebDriverWait(browser, PATIENCE).until(is_another)


def dark(on):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]})


def picture(name):
    if not SCREENSHOTS:
        return
    for scheme in ("light", "dark"):
        dark(scheme == "dark")
        height = browser.execute_script("return document.documentElement.scrollHeight")
        shot = browser.execute_cdp_cmd(
            "Page.captureScreenshot",
            {"captureBeyondViewport": True,
             "clip": {"x": 0, "y": 0, "width": 1000, "height": height, "scale": 1}})
        with open(os.path.join(SCREENSHOTS, f"license-page-{name}-{scheme}.png"), "wb") as file:
            file.write(base64.b64decode(shot["data"]))
    dark(False)


def alert_code():
    return find("[role=alert] .trace code").text


def paste(key):
    field = find("#key")
    field.clear()
    # As a person pastes: with a line end.
    browser.execute_script("arguments[0].value = arguments[1]", field, f"  {key}\n")
    leave(find("form[action='/license/add'] button").click)


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


def tollgate(*words):
    run(VALUES["tollgate"], *words, "--data", VALUES["data"])


def contrast_is_enough(name):
    """Every text on its background has a contrast of 4.5 (WCAG 2.2, 1.4.3), light and dark."""
    for on in (False, True):
        dark(on)
        found = browser.execute_script("""
            const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
            const rgba = (color) => {
              canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
              return [...canvas.getImageData(0, 0, 1, 1).data];
            };
            const light = ([r, g, b]) => {
              const part = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
              return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
            };
            const bad = [];
            for (const element of document.querySelectorAll("body *")) {
              const own = [...element.childNodes].some(
                (node) => node.nodeType === 3 && node.data.trim() !== "");
              if (!own || !element.checkVisibility() || element.closest(".skip, meter")) continue;
              let behind = element, back = [0, 0, 0, 0];
              while (behind && back[3] < 255) {
                back = rgba(getComputedStyle(behind).backgroundColor); behind = behind.parentElement;
              }
              const [a, b] = [light(rgba(getComputedStyle(element).color)), light(back)];
              const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
              if (ratio < 4.5) bad.push(`${element.tagName} ${element.textContent} ${ratio}`);
            }
            return bad;""")
        expect(not found, f"contrast on {name}, dark {on}: {found}")
    dark(False)


def nobody_else_was_asked():
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            expect(url.startswith((BASE, "data:", "about:", "chrome:")), f"a request to {url}")
    for entry in browser.get_log("browser"):
        allowed = "status of 40" in entry["message"]
        expect(allowed or entry["level"] != "SEVERE", f"in the console: {entry['message']}")


def everything():
    browser.get(PAGE)
    expect(browser.current_url == BASE, "the token leaves the address")
    expect("No license yet" in text(), "there is no license at first")
    contrast_is_enough("none")
    picture("none")

    # The address opens the page once.
    browser.switch_to.new_window("tab")
    browser.delete_all_cookies()
    browser.get(PAGE)
    expect("agent.page-locked" in text(), "a used token opens nothing")
    picture("locked")
    contrast_is_enough("locked")
    address = subprocess.run(
        [VALUES["pkg"], "agent", "--print-url", "--port", BASE.split(":")[2][:-1]],
        check=True, capture_output=True, text=True,
        env={"TOLLGATE_STORAGE": VALUES["storage"], "TOLLGATE_URL": VALUES["url"]}).stdout.strip()
    browser.get(address)
    expect("No license yet" in text(), "a new address opens it")

    # Copy the Instance ID.
    find("button[data-copy]").click()
    WebDriverWait(browser, PATIENCE).until(lambda _: find(".copied").text == "Copied")
    copied = browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))")
    expect(copied == find("#instance-id").text and copied.startswith("ti_"), f"copied {copied}")

    # By keyboard alone: every control can be reached, and is seen to be.
    seen = []
    browser.refresh()
    ActionChains(browser).send_keys(Keys.TAB).perform()
    for _ in range(8):
        active = browser.switch_to.active_element
        if active.tag_name == "body":
            break
        seen.append(active.get_attribute("id") or active.text or active.get_attribute("class"))
        outline = active.value_of_css_property("outline-style")
        expect(outline != "none" or active.get_attribute("class") == "skip", f"{seen[-1]} in focus")
        ActionChains(browser).send_keys(Keys.TAB).perform()
    expect({"key", "file"} <= set(seen), f"reached by keyboard: {seen}")

    leave(find("form[action='/license/add'] button").click)
    expect(alert_code() == "usage.invalid", "nothing was pasted")
    paste("tg_0000000000000000000000000O")
    expect(alert_code() == "license.key-format", "a bad key")
    expect("tg_0000" not in browser.page_source, "what was pasted is not shown again")
    picture("bad-key")
    contrast_is_enough("bad-key")
    paste(VALUES["foreign"])
    expect(alert_code() == "license.foreign-vendor", f"a foreign key: {alert_code()}")
    picture("foreign-key")

    paste(VALUES["good"])
    expect("The license is activated." in text(), "a good key")
    expect("Active" in find("header").text and "Globex" in text(), "it is active")
    expect(VALUES["good"] not in browser.page_source, "the key is not shown")
    environment = {"TOLLGATE_STORAGE": VALUES["storage"], "TOLLGATE_URL": VALUES["url"]}
    subprocess.run([VALUES["pkg"], "download-pro", "--app-version", "1.0.0"], env=environment,
                   capture_output=True, check=False)
    WebDriverWait(browser, PATIENCE, poll_frequency=1).until(
        lambda _: browser.refresh() or "1.0.0" in find("table").text)
    expect("@acme/b" in find("table").text, "plugins are listed")
    picture("active")
    contrast_is_enough("active")

    # Another one by a file that is dropped.
    browser.execute_script("""
        const transfer = new DataTransfer();
        transfer.items.add(new File([arguments[0]], "license-key.txt", {type: "text/plain"}));
        const form = document.querySelector("[data-drop]");
        for (const name of ["dragenter", "dragover", "drop"])
          form.dispatchEvent(new DragEvent(
            name, {dataTransfer: transfer, bubbles: true, cancelable: true}));
        """, open(VALUES["file"]).read())
    expect(find("#file").get_attribute("value").endswith("license-key.txt"), "the file is there")
    leave(find("form[action='/license/add'] button").click)
    expect("The license is activated." in text() and VALUES["second"] in text(), "by a file")
    picture("several")

    leave(find("#refresh").click)
    expect("The license is up to date." in text(), "refreshed")

    # Paused by the vendor, and back.
    for license in (VALUES["license"], VALUES["second"]):
        tollgate("licenses", "suspend", license)
    leave(find("#refresh").click)
    expect("Paused" in find("header").text, "paused")
    expect("The gateway has answered just now." in text(), "it was asked")
    expect(alert_code() == "license.suspended", f"why it is paused: {alert_code()}")
    picture("paused")
    contrast_is_enough("paused")
    for license in (VALUES["license"], VALUES["second"]):
        tollgate("licenses", "resume", license)
    leave(find("#refresh").click)
    expect("Active" in find("header").text, "recovered")

    # Removing asks first.
    button = f"button[aria-label='Remove {VALUES['second']}']"
    leave(find(button).click)
    expect("Remove this license?" in text(), "asked")
    picture("remove")
    contrast_is_enough("remove")
    leave(find("a[href='/']").click)
    expect(VALUES["second"] in text(), "kept")
    leave(find(button).click)
    leave(find("button.danger").click)
    expect("The license was removed." in text() and VALUES["second"] not in text(), "removed")

    # Narrow windows do not scroll sideways.
    browser.set_window_size(400, 900)
    expect(browser.execute_script(
        "return document.documentElement.scrollWidth <= innerWidth"), "fits a narrow window")


def readonly():
    browser.get(PAGE)
    WebDriverWait(browser, PATIENCE, poll_frequency=1).until(
        lambda _: browser.refresh() or VALUES["license"] in text())
    expect("TOLLGATE_LICENSE_KEY" in text(), "it says why")
    expect(not browser.find_elements(By.CSS_SELECTOR, "form[action='/license/add']"), "no form")
    expect(not browser.find_elements(By.CSS_SELECTOR, "form[action='/license/remove']"), "no button")
    picture("read-only")
    contrast_is_enough("read-only")
    leave(find("#refresh").click)
    expect("The license is up to date." in text(), "refreshed")


try:
    {"everything": everything, "readonly": readonly}[SCENARIO]()
    nobody_else_was_asked()
finally:
    browser.quit()
print("all steps done")
