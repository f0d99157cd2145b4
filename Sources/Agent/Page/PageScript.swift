/// What the page's own script does, and nothing else: the copy button, and dropping a file.
///
/// Without it both are there as plain text and a file input.
enum PageScript {
    static let source = """
        "use strict";
        for (const button of document.querySelectorAll("[data-copy]")) {
          button.hidden = false;
          button.addEventListener("click", async () => {
            const source = document.getElementById(button.dataset.copy);
            try {
              await navigator.clipboard.writeText(source.textContent);
            } catch {
              const range = document.createRange();
              range.selectNodeContents(source);
              getSelection().removeAllRanges();
              getSelection().addRange(range);
              document.execCommand("copy");
            }
            button.parentElement.querySelector(".copied").textContent = button.dataset.copied;
          });
        }
        for (const hint of document.querySelectorAll("[data-needs-script]")) hint.hidden = false;
        for (const form of document.querySelectorAll("[data-drop]")) {
          const over = (event) => {
            event.preventDefault();
            form.classList.add("over");
          };
          form.addEventListener("dragenter", over);
          form.addEventListener("dragover", over);
          form.addEventListener("dragleave", () => form.classList.remove("over"));
          form.addEventListener("drop", (event) => {
            event.preventDefault();
            form.classList.remove("over");
            if (event.dataTransfer.files.length === 0) return;
            form.querySelector("input[type=file]").files = event.dataTransfer.files;
            form.querySelector("button").focus();
          });
        }
        """
}
