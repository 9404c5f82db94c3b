package com.intellij.openapi.wm;

import dev.drawbridge.stubs.Stub;

public abstract class ToolWindowManager {
    public static final ToolWindowManager getInstance(com.intellij.openapi.project.Project project) { throw Stub.only(); }

    public abstract ToolWindow getToolWindow(String id);
}
