package com.intellij.ide.plugins;

public interface IdeaPluginDescriptor extends com.intellij.openapi.extensions.PluginDescriptor {}
