package com.intellij.notification;

import dev.drawbridge.stubs.Stub;

public interface NotificationGroupManager {
    static NotificationGroupManager getInstance() { throw Stub.only(); }

    NotificationGroup getNotificationGroup(String id);
}
