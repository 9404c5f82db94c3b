package com.example.greet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GreetingTest {
    @Test
    void fillsInTheName() {
        assertEquals("Hello, Ada", new Greeting("Hello, ${name}").to("Ada"));
    }

    @Test
    void leavesAnUnknownPlaceholder() {
        assertEquals("Hello, ${title} Ada", new Greeting("Hello, ${title} ${name}").to("Ada"));
    }
}
