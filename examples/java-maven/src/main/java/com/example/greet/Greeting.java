package com.example.greet;

import java.util.Map;
import org.apache.commons.text.StringSubstitutor;

/** Fills names into greetings. */
public final class Greeting {
    private final String template;

    /** A template with {@code ${name}} where the name belongs. */
    public Greeting(String template) {
        this.template = template;
    }

    /** The greeting for one person. */
    public String to(String name) {
        return StringSubstitutor.replace(template, Map.of("name", name));
    }

    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "world";
        System.out.println(new Greeting("Hello, ${name}").to(name));
    }
}
