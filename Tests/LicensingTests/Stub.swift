enum LicensingTestsStub {}
