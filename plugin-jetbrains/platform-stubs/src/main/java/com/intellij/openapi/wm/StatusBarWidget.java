package com.intellij.openapi.wm;

import dev.drawbridge.stubs.Stub;

public interface StatusBarWidget extends com.intellij.openapi.Disposable {
    String ID();

    default WidgetPresentation getPresentation() { throw Stub.only(); }

    default void install(StatusBar bar) {}

    @Override default void dispose() {}

    interface WidgetPresentation { String getTooltipText(); default com.intellij.util.Consumer<java.awt.event.MouseEvent> getClickConsumer() { throw Stub.only(); } }

    interface TextPresentation extends WidgetPresentation { String getText(); float getAlignment(); }
}
