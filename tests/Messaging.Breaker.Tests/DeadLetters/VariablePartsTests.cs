using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.Tests.DeadLetters;

public class VariablePartsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("No room", "No room")]
    [InlineData("Order 4711 failed", "Order # failed")]
    [InlineData("Order ORD-2024-001 of customer c_17 failed", "Order # of customer # failed")]
    [InlineData("3f2504e0-4f89-11d3-9a0c-0305e82c3301 {3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "# {#}")]
    [InlineData("took 1.5 s, at 2026-01-02T03:04:05.678+01:00", "took # s, at #")]
    [InlineData("Could not find 'north' in \"stock\"", "Could not find '…' in '…'")]
    [InlineData("It can't and won't do, said 'Bob's'", "It can't and won't do, said '…'")]
    [InlineData("an open 'quote", "an open 'quote")]
    [InlineData("10.0.0.1:5432 refused", "# refused")]
    [InlineData("«a» and “b”", "'…' and '…'")]
    public void What_differs_from_message_to_message_is_taken_out(string text, string expected) => Assert.Equal(expected, VariableParts.Remove(text));
}
