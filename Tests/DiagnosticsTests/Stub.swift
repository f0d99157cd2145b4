enum DiagnosticsTestsStub {}
