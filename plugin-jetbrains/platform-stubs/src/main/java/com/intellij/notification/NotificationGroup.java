package com.intellij.notification;

import dev.drawbridge.stubs.Stub;

public final class NotificationGroup {
    private NotificationGroup() {}

    public Notification createNotification(String title, String content, NotificationType type) { throw Stub.only(); }
}
