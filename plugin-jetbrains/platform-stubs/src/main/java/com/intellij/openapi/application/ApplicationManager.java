package com.intellij.openapi.application;

import dev.drawbridge.stubs.Stub;

public class ApplicationManager {
    public static Application getApplication() { throw Stub.only(); }
}
