package dev.drawbridge.protocol

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonPrimitive

/** An answer that is not of the shape in `docs/schemas/protocol.json`. */
public class ShapeException(message: String) : IllegalArgumentException(message)

internal fun JsonElement?.asShape(what: String): JsonObject = this as? JsonObject ?: throw ShapeException("$what is no object")

internal fun JsonElement?.asList(what: String): JsonArray = this as? JsonArray ?: throw ShapeException("$what is no list")

internal fun JsonObject.optional(name: String): JsonElement? = this[name]?.takeUnless { it.isJsonNull }

internal fun JsonObject.required(name: String): JsonElement = optional(name) ?: throw ShapeException("`$name` is missing")

internal fun JsonObject.text(name: String): String = required(name).word(name)

internal fun JsonObject.textOrNull(name: String): String? = optional(name)?.word(name)

internal fun JsonObject.number(name: String): Long = required(name).whole(name)

internal fun JsonObject.int(name: String): Int = number(name).coerceIn(Int.MIN_VALUE.toLong(), Int.MAX_VALUE.toLong()).toInt()

internal fun JsonObject.intOrNull(name: String): Int? = if (optional(name) == null) null else int(name)

internal fun JsonObject.flag(name: String): Boolean =
    (required(name) as? JsonPrimitive)?.takeIf { it.isBoolean }?.asBoolean ?: throw ShapeException("`$name` is no truth value")

internal fun JsonObject.texts(name: String): List<String> = required(name).asList(name).map { it.word(name) }

internal fun texts(all: List<String>): JsonArray = JsonArray().apply { all.forEach(::add) }

internal fun <T> JsonObject.list(name: String, decode: (JsonObject) -> T): List<T> =
    required(name).asList(name).map { decode(it.asShape(name)) }

private fun JsonElement.word(name: String): String =
    (this as? JsonPrimitive)?.takeIf { it.isString }?.asString ?: throw ShapeException("`$name` is no text")

private fun JsonElement.whole(name: String): Long =
    (this as? JsonPrimitive)?.takeIf { it.isNumber }?.asNumber?.toString()?.toBigDecimalOrNull()?.toLong()
        ?: throw ShapeException("`$name` is no number")
