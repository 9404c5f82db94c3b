package com.intellij.ui;

import dev.drawbridge.stubs.Stub;

public abstract class EditorNotifications {
    public static EditorNotifications getInstance(com.intellij.openapi.project.Project project) { throw Stub.only(); }

    public abstract void updateAllNotifications();
}
