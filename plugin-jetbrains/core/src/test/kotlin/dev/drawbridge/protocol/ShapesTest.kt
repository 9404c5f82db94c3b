package dev.drawbridge.protocol

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.gson.JsonPrimitive
import dev.drawbridge.TestBed
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.nio.file.Files

/** The shapes here beside those of the schema that the program generates. */
class ShapesTest {
    private val schema: JsonObject =
        JsonParser.parseString(Files.readString(TestBed.root.resolve("docs/schemas/protocol.json"))).asJsonObject

    private val decoders: Map<String, Pair<Class<*>, (JsonObject) -> Any>> = mapOf(
        "Check" to (Check::class.java to { Check.of(it) }),
        "Problem" to (Problem::class.java to { Problem.of(it) }),
        "Elsewhere" to (Elsewhere::class.java to { Elsewhere.of(it) }),
        "Channel" to (Channel::class.java to { Channel.of(it) }),
        "ChannelFinding" to (ChannelFinding::class.java to { ChannelFinding.of(it) }),
        "Plan" to (Plan::class.java to { Plan.of(it) }),
        "Change" to (Change::class.java to { Change.of(it) }),
        "ReachableHost" to (ReachableHost::class.java to { ReachableHost.of(it) }),
        "Applied" to (Applied::class.java to { Applied.of(it) }),
        "Undone" to (Undone::class.java to { Undone.of(it) }),
        "Policy" to (Policy::class.java to { Policy.of(it) }),
        "PolicyRule" to (PolicyRule::class.java to { PolicyRule.of(it) }),
        "Blocked" to (Blocked::class.java to { Blocked.of(it) }),
        "Allowed" to (Allowed::class.java to { Allowed.of(it) }),
        "Review" to (Review::class.java to { Review.of(it) }),
        "Inside" to (Inside::class.java to { Inside.of(it) }),
        "Listener" to (Listener::class.java to { Listener.of(it) }),
        "Loss" to (Loss::class.java to { Loss.of(it) }),
        "Drift" to (Drift::class.java to { Drift.of(it) }),
        "Configuration" to (Configuration::class.java to { Configuration.of(it) }),
        "Failure" to (Failure::class.java to { Failure.of(it) }),
        "TextEdit" to (TextEdit::class.java to { TextEdit.of(it) }),
        "Range" to (Range::class.java to { Range.of(it) }),
        "Position" to (Position::class.java to { Position.of(it) }),
    )

    @Test
    fun `the protocol is the one of the handshake`() {
        assertEquals("Drawbridge protocol ${Handshake.PROTOCOL}", schema["title"].asString)
    }

    @TestFactory
    fun `each shape has the members of the schema and wants those that it wants`(): List<DynamicTest> = decoders.map { (name, decoder) ->
        dynamicTest(name) {
            val (type, decode) = decoder
            val shape = definition(name)
            val members = type.declaredFields.map { it.name }.filterNot { it == "Companion" }.toSet()
            assertEquals(shape.getAsJsonObject("properties").keySet(), members)
            val required = shape.getAsJsonArray("required")?.map { it.asString }.orEmpty()
            val least = example(shape, required.toSet())
            decode(least)
            decode(example(shape, members))
            for (one in required) {
                assertThrows(ShapeException::class.java, { decode(least.deepCopy().apply { remove(one) }) }, "without $one")
                assertThrows(ShapeException::class.java, { decode(least.deepCopy().apply { add(one, wrong(this[one])) }) }, "another $one")
            }
            for (one in members - required.toSet()) decode(least.deepCopy().apply { add(one, JsonNull.INSTANCE) })
        }
    }

    @Test
    fun `what is sent has members of the schema, and those that are wanted`() {
        val sent = mapOf(
            "AcceptRequest" to AcceptRequest(listOf(Shown("a", "b")), true).json(),
            "Shown" to Shown("a", "b").json(),
            "ProtectOptions" to ProtectOptions("a", listOf("jetbrains"), listOf("privileged")).json(),
            "AllowRequest" to AllowRequest("a.example", "why", 300).json(),
        )
        for ((name, json) in sent) {
            val shape = definition(name)
            assertEquals(emptySet<String>(), json.keySet() - shape.getAsJsonObject("properties").keySet(), name)
            assertEquals(emptyList<String>(), shape.getAsJsonArray("required")?.map { it.asString }.orEmpty() - json.keySet(), name)
        }
    }

    private fun definition(name: String) = schema.getAsJsonObject("\$defs").getAsJsonObject(name)

    private fun wrong(value: JsonElement): JsonElement = if (value.isJsonArray) JsonObject() else JsonArray()

    private fun example(shape: JsonObject, members: Set<String>) = JsonObject().apply {
        for ((name, property) in shape.getAsJsonObject("properties").entrySet()) {
            if (name in members) add(name, value(name, property.asJsonObject))
        }
    }

    private fun value(name: String, of: JsonObject): JsonElement {
        val reference = of["\$ref"] ?: of["anyOf"]?.asJsonArray?.first()?.asJsonObject?.get("\$ref")
        if (reference != null) {
            val shape = definition(reference.asString.substringAfterLast('/'))
            return example(shape, shape.getAsJsonArray("required").map { it.asString }.toSet())
        }
        if (name == "severity" || name == "worst") return JsonPrimitive("high")
        return when (val type = of["type"].let { if (it.isJsonArray) it.asJsonArray.first().asString else it.asString }) {
            "string" -> JsonPrimitive("word")
            "integer" -> JsonPrimitive(4_000_000_000L)
            "boolean" -> JsonPrimitive(true)
            "array" -> JsonArray().apply { add(value("", of["items"].asJsonObject)) }
            else -> error("no example of $type")
        }
    }
}
