package com.intellij.openapi.options;

import dev.drawbridge.stubs.Stub;

public abstract class ShowSettingsUtil {
    public static ShowSettingsUtil getInstance() { throw Stub.only(); }

    public abstract <T extends Configurable> void showSettingsDialog(com.intellij.openapi.project.Project project, Class<T> page);
}
