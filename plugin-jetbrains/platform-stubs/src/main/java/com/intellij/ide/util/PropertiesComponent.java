package com.intellij.ide.util;

import dev.drawbridge.stubs.Stub;

public abstract class PropertiesComponent {
    public static PropertiesComponent getInstance() { throw Stub.only(); }

    public abstract String getValue(String name);

    public abstract void setValue(String name, String value);
}
