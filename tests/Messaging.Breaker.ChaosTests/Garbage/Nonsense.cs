using Messaging.Breaker.Tests.Robustness;

namespace Messaging.Breaker.ChaosTests.Garbage;

/// <summary>
/// Texts that nobody can believe. About the workers' breakers, it is never a state that an instance could have reported. That would be a
/// forgery, which anyone with the password can make. About other breakers, it can be anything.
/// </summary>
sealed class Nonsense(int seed)
{
    const string State = """{"format":1,"breaker":"made-up","version":4,"state":"Open","mode":"Shadow","cause":"ConsecutiveFailures","reason":"10 in a row","instance":"garbage","length":"00:00:30","age":"00:00:01"}""";
    const string Lease = """{"command":"lease-probe","breaker":"made-up","version":4,"instance":"garbage","length":"00:00:05"}""";
    const string Member = """{"command":"announce","instance":"garbage","tripped":["made-up"],"validFor":"00:00:01"}""";

    static readonly string[] Documents =
    [
        State,
        $$"""{"format":1,"states":[{{State}},{{State}}],"isComplete":false}""",
        $$"""{"command":"change","next":{{State}}}""",
        """{"command":"read","breakers":["made-up","payments"]}""",
        """{"command":"leave","instance":"garbage"}""",
        Lease,
        Member,
    ];

    static readonly string[] AboutPayments =
    [
        "", "{", "null", "\u0000\u202e",
        OfPayments("\"version\":4503599627370495,\"state\":99,\"instance\":\"garbage\""),
        OfPayments("\"version\":-1,\"state\":\"Open\",\"instance\":\"garbage\""),
        OfPayments("\"version\":9223372036854775807,\"state\":\"Closed\",\"instance\":\"garbage\""),
        OfPayments("\"version\":2,\"state\":\"Isolated\",\"instance\":null"),
        OfPayments("\"version\":2,\"state\":[],\"instance\":\"garbage\""),
        OfPayments("\"version\":2,\"state\":\"Open\",\"mode\":99,\"instance\":\"garbage\""),
        OfPayments("\"version\":2,\"state\":\"Open\",\"cause\":99,\"instance\":\"garbage\""),
        OfPayments("\"version\":2,\"state\":\"Open\",\"length\":\"-1.00:00:00\",\"instance\":\"garbage\""),
    ];

    readonly Random _random = new(seed);

    /// <summary>A document of the fleet with parts replaced, or a text that is no document.</summary>
    public string Next() => _random.Next(4) == 0 ? Mutation.Text(_random) : Mutation.Of(Documents[_random.Next(Documents.Length)], _random.Next());

    /// <summary>Nonsense about a breaker that the workers have.</summary>
    public string NextAboutPayments() => AboutPayments[_random.Next(AboutPayments.Length)];

    /// <summary>True once in that many times, on average.</summary>
    public bool IsOneIn(int times) => _random.Next(times) == 0;

    public int Number(int most) => _random.Next(most);

    static string OfPayments(string fields) => $$"""{"breaker":"payments","reason":"garbage",{{fields}}}""";
}
