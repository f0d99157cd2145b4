enum LicensingStub {}
