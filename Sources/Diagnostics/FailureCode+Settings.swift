/// What is set, in the environment or in `pkg.yaml`, and cannot be used.
extension FailureCode {
    package static let settingsURLMissing = FailureCode(
        "settings.url-missing",
        title: "The gateway's address is not set",
        meaning: """
            Nobody said where the vendor's gateway is: neither --url, nor TOLLGATE_URL, nor url in \
            pkg.yaml. Only offline licenses do without one.
            """,
        remedy: "Set TOLLGATE_URL to the address that your vendor gave you.",
        exitStatus: .usage)

    package static let settingsFile = FailureCode(
        "settings.file",
        title: "pkg.yaml cannot be used",
        meaning: """
            The file pkg.yaml beside the storage folder cannot be read, is no list of \
            `name: value` lines, or has a name that is no setting.
            """,
        remedy: "Correct the line named, or move the file away.",
        exitStatus: .usage)

    package static let settingsPathMissing = FailureCode(
        "settings.path-missing",
        title: "A path that was named is not there",
        meaning: """
            A flag or a setting, such as --from, -o, TOLLGATE_STORAGE, TOLLGATE_CA_FILE or \
            TOLLGATE_TRUST_ROOT, names a file that is not there or may not be read, or a folder in \
            which nothing can be made. In a container the volume or secret may not be mounted.
            """,
        remedy: "Correct the path, or put the file there.",
        exitStatus: .usage)

    package static let settingsApplicationVersion = FailureCode(
        "settings.application-version",
        title: "The application's version is not known",
        meaning: """
            Which releases fit depends on the application's version. It is not set, and the folder \
            that `pkg` runs in has no `node_modules` with the application's package.
            """,
        remedy:
            "Set TOLLGATE_APP_VERSION, pass --app-version, or run pkg in the application's folder.",
        exitStatus: .usage)

    static let settingsCodes: [FailureCode] = [
        settingsURLMissing, settingsFile, settingsPathMissing, settingsApplicationVersion,
    ]
}
