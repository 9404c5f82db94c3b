package com.intellij.notification;

import dev.drawbridge.stubs.Stub;

public abstract class NotificationAction extends com.intellij.openapi.project.DumbAwareAction {
    public NotificationAction(String text) {}

    public static NotificationAction createSimpleExpiring(String text, Runnable run) { throw Stub.only(); }

    @Override public void actionPerformed(com.intellij.openapi.actionSystem.AnActionEvent event) {}

    public abstract void actionPerformed(com.intellij.openapi.actionSystem.AnActionEvent event, Notification notification);
}
