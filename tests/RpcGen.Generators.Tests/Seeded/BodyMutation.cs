using System.Text.Json.Nodes;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>Changes one random value of a body, or removes it.</summary>
internal static class BodyMutation
{
    private static readonly string[] Others = ["null", "\"text\"", "\"\"", "7", "-1.5", "1e300", "true", "[]", "{}", "[null]", """{"x":1}"""];

    /// <summary>A changed copy.</summary>
    public static JsonObject Of(JsonObject body, Random random)
    {
        var copy = (JsonObject)body.DeepClone();
        List<Action<JsonNode?>> places = [];
        List<Action> removals = [];
        Visit(copy, places, removals);
        if (removals.Count > 0 && random.Next(6) == 0)
        {
            removals[random.Next(removals.Count)]();
        }
        else
        {
            places[random.Next(places.Count)](JsonNode.Parse(Others[random.Next(Others.Length)]));
        }

        return copy;
    }

    private static void Visit(JsonNode? node, List<Action<JsonNode?>> places, List<Action> removals)
    {
        if (node is JsonObject members)
        {
            foreach ((string name, JsonNode? value) in members)
            {
                places.Add(other => members[name] = other);
                removals.Add(() => members.Remove(name));
                Visit(value, places, removals);
            }
        }
        else if (node is JsonArray elements)
        {
            for (int i = 0; i < elements.Count; i++)
            {
                int index = i;
                places.Add(other => elements[index] = other);
                Visit(elements[i], places, removals);
            }
        }
    }
}
