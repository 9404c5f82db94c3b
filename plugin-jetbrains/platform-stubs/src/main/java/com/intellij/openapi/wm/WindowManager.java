package com.intellij.openapi.wm;

import dev.drawbridge.stubs.Stub;

public abstract class WindowManager {
    public static WindowManager getInstance() { throw Stub.only(); }

    public abstract StatusBar getStatusBar(com.intellij.openapi.project.Project project);
}
