package com.intellij.openapi.extensions;

public interface PluginDescriptor {
    java.nio.file.Path getPluginPath();
}
