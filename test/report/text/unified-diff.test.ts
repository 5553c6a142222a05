import { expect, test } from 'vitest';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import { renderDiff } from '../../../lambda/report/text/unified-diff.ts';

test('the diff of a policy that is split shows its later parts as new files', () => {
  const policy: ProposedPolicy = {
    source: 'role-inline',
    name: 'Orders',
    disposition: 'replace',
    reason: '',
    before: { Version: '2012-10-17', Statement: [] },
    after: [
      { name: 'Orders-1', document: { Version: '2012-10-17', Id: '1' } },
      { name: 'Orders-2', document: { Version: '2012-10-17', Id: '2' } },
      { name: 'Orders-3', document: { Version: '2012-10-17', Id: '3' } },
    ],
    removed: [],
    changes: [],
  };
  expect(renderDiff([policy])).toBe(
    `--- a/policies/0-Orders.before.json
+++ b/policies/0-Orders.after.1.json
@@ -1,4 +1,4 @@
 {
   "Version": "2012-10-17",
-  "Statement": []
+  "Id": "1"
 }
--- /dev/null
+++ b/policies/0-Orders.after.2.json
@@ -0,0 +1,4 @@
+{
+  "Version": "2012-10-17",
+  "Id": "2"
+}
--- /dev/null
+++ b/policies/0-Orders.after.3.json
@@ -0,0 +1,4 @@
+{
+  "Version": "2012-10-17",
+  "Id": "3"
+}
`,
  );
});
