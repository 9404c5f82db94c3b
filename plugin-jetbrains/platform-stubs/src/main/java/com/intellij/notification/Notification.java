package com.intellij.notification;

import dev.drawbridge.stubs.Stub;

public class Notification {
    public Notification(String group, String content, NotificationType type) {}

    public Notification addAction(com.intellij.openapi.actionSystem.AnAction action) { throw Stub.only(); }

    public void expire() { throw Stub.only(); }

    public void notify(com.intellij.openapi.project.Project project) { throw Stub.only(); }
}
