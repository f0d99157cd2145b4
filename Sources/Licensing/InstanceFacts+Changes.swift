extension InstanceFacts {
    /// What is different from the instance that a license is bound to, with the values where this
    /// installation kept them.
    ///
    /// - Parameters:
    ///   - salted: the facts of the activation, as the license has them
    ///   - instances: the IDs that the license is bound to
    /// - Returns: sentences with a space before each; nothing where nothing is known.
    func changesSentence(since salted: SaltedFacts?, boundTo instances: [InstanceID]) -> String {
        let bound = factsThen(boundTo: instances)
        guard let changed = salted?.changes(in: self) ?? bound.map(changes) else { return "" }
        let pin = pinChange(since: salted, boundTo: instances)
        guard !changed.isEmpty else { return " None of the facts behind the Instance ID changed." }
        let unchanged = binding.keys.filter { !changed.contains($0) }.sorted()
        let names = changed.map { name in
            guard let bound else { return name }
            return "\(name) (was \(bound[name] ?? "not there"), is \(binding[name] ?? "not there"))"
        }
        return " Different since the activation: \(names.joined(separator: ", "))."
            + (unchanged.isEmpty ? "" : " Unchanged: \(unchanged.joined(separator: ", ")).")
            + (pin?.sentence ?? reason(of: changed))
    }

    /// What became of TOLLGATE_INSTANCE_ID since the activation; nil: nothing, or it is not known.
    func pinChange(since salted: SaltedFacts?, boundTo instances: [InstanceID]) -> PinChange? {
        let name = Self.pinnedName
        let then = salted?.hashes ?? factsThen(boundTo: instances)
        guard let then, salted?.changes(in: self).contains(name) ?? (then[name] != binding[name])
        else { return nil }
        guard binding[name] != nil else { return .missing }
        return then[name] == nil ? .added : .changed
    }

    /// The facts behind one of these IDs, where this installation kept them.
    private func factsThen(boundTo instances: [InstanceID]) -> [String: String]? {
        before.first { instances.contains(InstanceID(facts: InstanceFacts(binding: $0))) }
    }

    private func changes(from bound: [String: String]) -> [String] {
        Set(bound.keys).union(binding.keys).filter { bound[$0] != binding[$0] }.sorted()
    }

    /// What makes such a change, in the words of those who did it.
    private func reason(of changed: [String]) -> String {
        let names = Set(changed)
        if names.isSuperset(of: ["storage.id", "database.server"]) {
            return binding["database.server"] == nil
                ? " No database server is configured any more, or DATABASE_URL does not reach `pkg`."
                : " A database server is configured now, and stands for the instance from then on."
        }
        if names.contains("database.server") {
            return " The database was moved to another server or restored there."
        }
        if names.contains("database.name") {
            return " Another database of the same server is configured."
        }
        if names.contains("storage.id") { return " The storage folder is another one." }
        return ""
    }
}

/// What became of TOLLGATE_INSTANCE_ID, which alone stands for the instance when it is set.
enum PinChange {
    case added
    case changed
    case missing

    /// With a space before it.
    var sentence: String {
        switch self {
        case .added: " TOLLGATE_INSTANCE_ID is set now and was not then."
        case .changed: " TOLLGATE_INSTANCE_ID has another value now."
        case .missing: " TOLLGATE_INSTANCE_ID was set then and is missing now."
        }
    }

    /// What brings the instance back that the license is bound to.
    var remedy: String {
        switch self {
        case .added: "Remove TOLLGATE_INSTANCE_ID."
        case .changed, .missing:
            "Set TOLLGATE_INSTANCE_ID to the value that it had at the activation."
        }
    }
}
