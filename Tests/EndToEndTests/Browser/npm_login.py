"""Logs npm in by Debian's Chromium, and fails at the first thing that is not as it should.

usage: npm_login.py PROJECT PROFILE SCREENSHOTS USER PASSWORD

npm runs in PROJECT with the environment of this script. Prints what `npm whoami` says then.
"""

import os
import pty
import re
import signal
import subprocess
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PROJECT, PROFILE, SCREENSHOTS, USER, PASSWORD = sys.argv[1:6]
NPM = "/usr/bin/npm"
PATIENCE = 120

# npm waits only where somebody could press a key.
child, terminal = pty.fork()
if child == 0:
    os.chdir(PROJECT)
    os.execv(NPM, [NPM, "login", "--auth-type=web"])


def shown():
    """What npm writes to its terminal next; nothing when it has ended."""
    try:
        return os.read(terminal, 4096).decode(errors="replace")
    except OSError:
        return ""


said = ""
while not (found := re.search(r"(http://\S+/-/login/[0-9a-f]{32})", said)):
    piece = shown()
    if not piece:
        raise SystemExit(f"npm showed no address: {said}")
    said += piece
address = found.group(1)

options = webdriver.ChromeOptions()
options.binary_location = "/usr/bin/chromium"
for flag in (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-proxy-server", "--disable-background-networking", f"--user-data-dir={PROFILE}",
    "--window-size=900,720",
):
    options.add_argument(flag)
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def text():
    return browser.find_element(By.TAG_NAME, "body").text


def expect(condition, what):
    if not condition:
        browser.quit()
        os.kill(child, signal.SIGKILL)
        raise SystemExit(f"not as it should be: {what}\n{text()}")


def submit(user, password):
    page = browser.find_element(By.TAG_NAME, "html")
    for name, value in (("user", user), ("password", password)):
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)
    browser.find_element(By.CSS_SELECTOR, "button").click()
    WebDriverWait(browser, PATIENCE).until(
        lambda _: browser.find_element(By.TAG_NAME, "html") != page)


browser.get(address)
expect("npm login" in text(), "the page says what it is for")
if SCREENSHOTS:
    browser.save_screenshot(os.path.join(SCREENSHOTS, "npm-login.png"))
submit(USER, "not the secret")
expect("registry.credentials-invalid" in text(), "a wrong secret is refused with its code")
submit(USER, PASSWORD)
expect(USER in text() and "logged in" in text(), "the page says who is logged in")
if SCREENSHOTS:
    browser.save_screenshot(os.path.join(SCREENSHOTS, "npm-login-done.png"))
while shown():
    pass
expect(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "npm goes on by itself")
browser.get(address)
expect("over" in text(), "the page works once")
# The refusal and the used page are answered with 401 and 404, which Chromium notes by itself.
complaints = [
    entry for entry in browser.get_log("browser") if "Failed to load resource" not in entry["message"]
]
expect(not complaints, f"the console is empty: {complaints}")
browser.quit()
sys.stdout.write(subprocess.run(
    [NPM, "whoami"], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True).stdout)
