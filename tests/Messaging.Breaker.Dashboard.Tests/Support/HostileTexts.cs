namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>The worst names that a queue can have, and the worst texts of an operator, an exception or a peer.</summary>
static class HostileTexts
{
    const string Tower = "e\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030A\u030B\u030C\u030F\u0311\u0323\u0324\u0325";

    /// <summary>All are valid in memory. MassTransit reads a name as the path of an address, so "%" has to be written as "%25".</summary>
    public static string[] QueueNames { get; } =
    [
        "<script>window.ran=1</script>",
        "<img src=x onerror=window.ran=1>",
        "\"><b onmouseover=\"window.ran=1\">x",
        "it's \"quoted\" `here`",
        "${window.ran=1}",
        "javascript:window.ran=1",
        "a/b",
        "/a//b/",
        "a%2Fb",
        "a%252Fb",
        "100%",
        "a b  c",
        "a?b=c&d#e",
        "a;b=c+d,e",
        "bestätigung-заказ-注文",
        "orders\u202Egnp.exe",
        "or\u200Bders\uFEFF",
        "two\nlines\tand\u0007bell",
        "\u001B[31mred\u001B[0m",
        "תשלומים-شكر",
        new('x', 255),
        string.Concat(Enumerable.Repeat("😀", 63)),
        string.Concat(Enumerable.Repeat(Tower, 8)),
    ];

    /// <summary>Names at the limit of what a breaker may be called.</summary>
    public static string[] BreakerNames { get; } = [new('W', 100), new('ש', 100), new('漢', 100), "__proto__", "constructor", ".._-..", "all"];

    public static string[] Reasons { get; } =
    [
        "<script>window.ran=1</script><img src=x onerror=window.ran=1><svg onload=window.ran=1><iframe srcdoc='<script>top.ran=1</script>'>",
        "<a href=\"javascript:window.ran=1\" onclick=\"window.ran=1\">click</a>",
        "System.IO.IOException: \u001B[31mconnection lost\u001B[0m\r\n   at Payments.Charge()\r\n\u0000\u0008\u007F",
        "\u202Elort\u202Csnoc \u2066isolated\u2069 \u200Fmark",
        new('x', 10_000),
        string.Concat(Enumerable.Repeat("long but with words ", 500)),
        string.Concat(Enumerable.Repeat(Tower, 600)),
        string.Concat(Enumerable.Repeat("👩\u200D", 500)) + "👧",
        string.Concat(Enumerable.Repeat("\u1100", 1_000)),
        "a lone \uD83D half",
        "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} %s %n",
    ];
}
