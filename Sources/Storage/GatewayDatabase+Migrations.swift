internal import GRDB

extension GatewayDatabase {
    /// The tables, step by step.
    ///
    /// A step never changes after it landed: the next one is added.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001-first-tables") { database in
            try database.execute(sql: Migration.firstTables)
        }
        // Foreign keys are off while a step runs, as rebuilding a table needs, and checked after it.
        migrator.registerMigration("0002-offline-and-rebinding", foreignKeyChecks: .deferred) {
            database in
            try database.execute(sql: Migration.offlineAndRebinding)
        }
        migrator.registerMigration("0003-signing") { database in
            try database.execute(sql: Migration.signing)
        }
        migrator.registerMigration("0004-registry") { database in
            try database.execute(sql: Migration.registry)
        }
        return migrator
    }
}

private enum Migration {
    static let firstTables = """
        CREATE TABLE plugin (
            name TEXT PRIMARY KEY NOT NULL,
            created_at BIGINT NOT NULL
        );

        CREATE TABLE release (
            plugin TEXT NOT NULL REFERENCES plugin (name),
            version TEXT NOT NULL,
            channel TEXT NOT NULL,
            published_at BIGINT NOT NULL,
            application_range TEXT,
            length BIGINT NOT NULL,
            sha512 TEXT NOT NULL,
            sha1 TEXT NOT NULL,
            unpacked_size BIGINT NOT NULL,
            file_count BIGINT NOT NULL,
            deprecated TEXT,
            yanked TEXT,
            signatures TEXT NOT NULL,
            manifest TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (plugin, version)
        );
        CREATE INDEX release_by_sha512 ON release (sha512);

        CREATE TABLE signed_file (
            path TEXT NOT NULL,
            sha512 TEXT NOT NULL,
            length BIGINT NOT NULL,
            current INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (path, sha512)
        );

        CREATE TABLE account (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL UNIQUE,
            created_at BIGINT NOT NULL
        );

        CREATE TABLE license (
            id TEXT PRIMARY KEY NOT NULL,
            account TEXT NOT NULL REFERENCES account (id),
            key_digest TEXT NOT NULL UNIQUE,
            mode TEXT NOT NULL,
            status TEXT NOT NULL,
            plan TEXT,
            trial INTEGER NOT NULL,
            expires_at BIGINT,
            grace_days BIGINT NOT NULL,
            timezone TEXT NOT NULL,
            after_term TEXT NOT NULL,
            interval_s BIGINT NOT NULL,
            retry_s BIGINT NOT NULL,
            lease_s BIGINT NOT NULL,
            features TEXT NOT NULL,
            limits TEXT NOT NULL,
            domains TEXT NOT NULL,
            channels TEXT NOT NULL,
            sequence BIGINT NOT NULL,
            created_at BIGINT NOT NULL
        );

        CREATE TABLE license_plugin (
            license TEXT NOT NULL REFERENCES license (id) ON DELETE CASCADE,
            plugin TEXT NOT NULL,
            updates_until BIGINT,
            PRIMARY KEY (license, plugin)
        );

        CREATE TABLE installation (
            id TEXT PRIMARY KEY NOT NULL,
            license TEXT NOT NULL REFERENCES license (id) ON DELETE CASCADE,
            instance TEXT NOT NULL,
            facts TEXT NOT NULL,
            environment TEXT NOT NULL,
            counter BIGINT NOT NULL,
            report TEXT,
            registered_at BIGINT NOT NULL,
            last_check_in_at BIGINT NOT NULL,
            released_at BIGINT
        );
        CREATE UNIQUE INDEX installation_of_instance
            ON installation (license, instance) WHERE released_at IS NULL;

        CREATE TABLE admin_token (
            id TEXT PRIMARY KEY NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            scope TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            revoked_at BIGINT
        );

        CREATE TABLE audit (
            number INTEGER PRIMARY KEY,
            at BIGINT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        );
        CREATE INDEX audit_by_subject ON audit (subject, number);
        """

    /// An offline license has no key; a license may begin later and be moved; an installation that
    /// is moved away from ends later.
    ///
    /// `license.freed_by` is the Instance ID that held the license until the customer freed it;
    /// `installation.may_return` is 1 where the customer's own move left it and was not taken back,
    /// and `counter_before` the counter from before it registered again.
    ///
    /// The table is rebuilt in the order of https://www.sqlite.org/lang_altertable.html#otheralter.
    static let offlineAndRebinding = """
        CREATE TABLE new_license (
            id TEXT PRIMARY KEY NOT NULL,
            account TEXT NOT NULL REFERENCES account (id),
            key_digest TEXT UNIQUE,
            mode TEXT NOT NULL,
            status TEXT NOT NULL,
            plan TEXT,
            trial INTEGER NOT NULL,
            begins_at BIGINT,
            expires_at BIGINT,
            grace_days BIGINT NOT NULL,
            timezone TEXT NOT NULL,
            after_term TEXT NOT NULL,
            interval_s BIGINT NOT NULL,
            retry_s BIGINT NOT NULL,
            lease_s BIGINT NOT NULL,
            rebinds_per_year BIGINT NOT NULL,
            rebind_window_days BIGINT NOT NULL,
            features TEXT NOT NULL,
            limits TEXT NOT NULL,
            domains TEXT NOT NULL,
            channels TEXT NOT NULL,
            sequence BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            freed_by TEXT
        );
        INSERT INTO new_license (
            id, account, key_digest, mode, status, plan, trial, expires_at, grace_days, timezone,
            after_term, interval_s, retry_s, lease_s, rebinds_per_year, rebind_window_days,
            features, limits, domains, channels, sequence, created_at
        ) SELECT
            id, account, key_digest, mode, status, plan, trial, expires_at, grace_days, timezone,
            after_term, interval_s, retry_s, lease_s, 3, 14,
            features, limits, domains, channels, sequence, created_at
        FROM license;
        DROP TABLE license;
        ALTER TABLE new_license RENAME TO license;

        ALTER TABLE installation ADD COLUMN valid_until BIGINT;
        ALTER TABLE installation ADD COLUMN may_return INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE installation ADD COLUMN counter_before BIGINT;
        ALTER TABLE installation ADD COLUMN flagged_at BIGINT;
        ALTER TABLE installation ADD COLUMN flagged_for TEXT;

        CREATE TABLE rebinding (
            number INTEGER PRIMARY KEY,
            license TEXT NOT NULL REFERENCES license (id) ON DELETE CASCADE,
            instance TEXT NOT NULL,
            at BIGINT NOT NULL
        );
        CREATE INDEX rebinding_of_license ON rebinding (license, at);
        """

    /// What the signed metadata has not yet.
    ///
    /// `plugin.change_number` grows with each change of a plugin's releases, `signed_number` is the
    /// one that was signed last, and `signed_until` the end of that signature. `release.state` is
    /// `published` or `awaiting-signature`.
    static let signing = """
        ALTER TABLE plugin ADD COLUMN change_number BIGINT NOT NULL DEFAULT 1;
        ALTER TABLE plugin ADD COLUMN signed_number BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE plugin ADD COLUMN signed_until BIGINT NOT NULL DEFAULT 0;
        CREATE INDEX plugin_to_sign ON plugin (name) WHERE signed_number < change_number;
        CREATE INDEX plugin_by_signed_until ON plugin (signed_until);

        ALTER TABLE release ADD COLUMN state TEXT NOT NULL DEFAULT 'published';
        """

    /// What npm's clients and NocoBase's need: access keys, tokens of every kind, tags, advisories.
    ///
    /// `revision` counts the changes of what every answer is made of, so that an answer can be kept:
    /// `catalogue` is what there is, `access` who may have it; signed files are of both, for they list
    /// the keys that tokens are believed by. Check-ins change neither.
    static let registry = """
        CREATE TABLE dist_tag (
            plugin TEXT NOT NULL,
            tag TEXT NOT NULL,
            version TEXT NOT NULL,
            PRIMARY KEY (plugin, tag),
            FOREIGN KEY (plugin, version) REFERENCES release (plugin, version)
        );

        CREATE TABLE advisory (
            number INTEGER PRIMARY KEY,
            plugin TEXT NOT NULL,
            title TEXT NOT NULL,
            severity TEXT NOT NULL,
            vulnerable TEXT NOT NULL,
            url TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            withdrawn_at BIGINT
        );
        CREATE INDEX advisory_of_plugin ON advisory (plugin);

        CREATE TABLE access_key (
            id TEXT PRIMARY KEY NOT NULL,
            license TEXT NOT NULL UNIQUE REFERENCES license (id) ON DELETE CASCADE,
            digest TEXT NOT NULL,
            created_at BIGINT NOT NULL
        );

        CREATE TABLE access_token (
            id TEXT PRIMARY KEY NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            scope TEXT NOT NULL,
            plugins TEXT,
            license TEXT REFERENCES license (id) ON DELETE CASCADE,
            parent TEXT REFERENCES access_token (id),
            access_key TEXT,
            read_only INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            revoked_at BIGINT
        );
        CREATE INDEX access_token_of_license ON access_token (license);
        CREATE INDEX access_token_of_parent ON access_token (parent);
        INSERT INTO access_token (id, digest, name, scope, read_only, created_at, revoked_at)
            SELECT id, digest, 'admin', scope, 0, created_at, revoked_at FROM admin_token;
        DROP TABLE admin_token;

        CREATE TABLE revision (subject TEXT PRIMARY KEY NOT NULL, number BIGINT NOT NULL);
        INSERT INTO revision (subject, number) VALUES ('catalogue', 1), ('access', 1);
        """ + triggers("catalogue", on: ["release", "dist_tag", "signed_file"])
        + triggers(
            "access",
            on: ["license", "license_plugin", "access_key", "access_token", "signed_file"])
        + triggers(
            "access", on: ["installation"],
            whenUpdated: "license, instance, valid_until, released_at")

    /// Raises a revision with each change of these tables.
    private static func triggers(
        _ subject: String, on tables: [String], whenUpdated columns: String? = nil
    ) -> String {
        let update = columns.map { "UPDATE OF \($0)" } ?? "UPDATE"
        return tables.map { table in
            ["INSERT", update, "DELETE"].map { event in
                """
                CREATE TRIGGER \(subject)_\(table)_\(event.prefix(6).lowercased())_revises
                AFTER \(event) ON \(table) BEGIN
                    UPDATE revision SET number = number + 1 WHERE subject = '\(subject)';
                END;

                """
            }.joined()
        }.joined()
    }
}
