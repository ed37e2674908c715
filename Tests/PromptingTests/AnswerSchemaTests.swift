import Foundation
import HealingModel
import Prompting
import Testing

@Test("each form has a schema, and what fits it is read", arguments: AnswerForm.allCases)
func schema(form: AnswerForm) throws {
  let format = try JSONSerialization.jsonObject(with: Data(form.responseFormat.utf8))
  let whole = try #require(format as? [String: Any])
  #expect(whole["type"] as? String == "json_schema")
  let inner = try #require(whole["json_schema"] as? [String: Any])
  let schema = try #require(inner["schema"] as? [String: Any])
  let list = try #require((schema["required"] as? [String])?.first)
  let property = try #require((schema["properties"] as? [String: Any])?[list] as? [String: Any])
  let item = try #require(property["items"] as? [String: Any])
  let names = try #require(item["required"] as? [String])
  // Every text that the schema asks for, filled in.
  let right = mended("result -= account", "result += account")
  let function =
    "def total(accounts):\n    result = 0\n    for account in accounts:\n"
    + "        result += account.balance\n    return result"
  let values = [
    "path": "bank.py", "content": right, "name": "total", "code": function,
    "search": "result -= account", "replace": "result += account",
  ]
  let filled = Dictionary(uniqueKeysWithValues: names.map { ($0, values[$0] ?? "") })
  let data = try JSONSerialization.data(withJSONObject: [list: [filled]])
  let answer = String(decoding: data, as: UTF8.self)
  #expect(try outcome(answer, context(form)) == right)
}
